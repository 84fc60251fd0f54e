/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The only door to the kernel's BPF. Three parts: a filter is loaded and can
 * judge; a place is one interface with its pins, where a filter is attached,
 * swapped and detached; raw is what the pinned counters hold.
 */
#ifndef PIMXDP_KERNEL_H
#define PIMXDP_KERNEL_H

#include <sys/types.h>

#include "image/compile.h"

/* Once, before anything else: from here on what libbpf has to say goes into our
 * errors, not to stderr. With PIMXDP_DEBUG in the environment it goes to both. */
void pim_kernel_start(void);

/* ---- a filter: the program with its maps filled, attached to nothing ---- */

struct pim_filter;
struct pim_place;

enum pim_load_flags {
	PIM_LOAD_TRACE = 1, /* the program also writes each decision, for pim_filter_judge */
};

/* Loads the program and fills the maps from the image. `place` (may be NULL) is
 * an attached filter whose counters and flows the new program shall share; the
 * image must have been compiled with that place's names. Touches no interface
 * and no pin. On failure the text names what the kernel lacks or refused. The
 * caller frees *filter. */
int pim_filter_load(const struct pim_image *image, const struct pim_place *place,
		    unsigned int flags, struct pim_filter **filter, struct pim_error *error);
void pim_filter_free(struct pim_filter *filter); /* NULL is allowed */

/* The program itself: a file descriptor, owned by the filter and closed with it. */
int pim_filter_program(const struct pim_filter *filter);

/* Runs one Ethernet frame (whole, as on the wire without FCS; 1 to
 * PIM_JUDGE_BYTES) through the program (BPF_PROG_TEST_RUN). The filter must have
 * been loaded with PIM_LOAD_TRACE. *passed is what the program really returned,
 * which in observe mode is not decision->outcome's verdict. */
#define PIM_JUDGE_BYTES 9216u
int pim_filter_judge(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		     struct pim_decision *decision, bool *passed, struct pim_error *error);

/* Times `repeat` runs of the frame in the kernel: *run_ns is the average of one. */
int pim_filter_time(struct pim_filter *filter, const void *frame, uint32_t length_bytes,
		    uint32_t repeat, uint32_t *run_ns, struct pim_error *error);

/* What the verifier and the JIT made of the program. verified_instructions is 0
 * where the kernel does not say (before 5.16). */
struct pim_program_size {
	uint32_t verified_instructions;
	uint32_t jited_bytes;
	uint32_t translated_bytes;
};
int pim_filter_size(const struct pim_filter *filter, struct pim_program_size *size,
		    struct pim_error *error);

/* ---- a look before anything is changed ---- */

/* The outcome of loading the least XDP program there is, attached to nothing and
 * gone again. */
struct pim_trial {
	int error;	/* errno; 0: it loaded */
	bool jit_known; /* `jited` is the kernel's word */
	bool jited;	/* compiled to machine code */
};
void pim_kernel_try(struct pim_trial *trial);

/* Where pins go, and whether this process may put them there. */
struct pim_bpffs {
	const char *root;
	bool mounted;	    /* a BPF file system is there */
	int error;	    /* errno, where nothing is there */
	const char *folder; /* that takes the next pins: ours, or the root where it is not there */
	bool passable, writable;
	uint32_t uid, gid, mode; /* of the folder */
};
void pim_bpffs_look(struct pim_bpffs *bpffs);

/* ---- a place: an interface and its pins under /sys/fs/bpf/pimxdp/IF ---- */

enum pim_attach_mode { PIM_ATTACH_AUTO, PIM_ATTACH_NATIVE, PIM_ATTACH_SKB, PIM_ATTACH_OFFLOAD };
const char *pim_attach_mode_name(enum pim_attach_mode mode); /* "native" */

enum pim_place_state {
	PIM_PLACE_EMPTY,      /* no pins */
	PIM_PLACE_ATTACHED,   /* the link is pinned and holds its interface */
	PIM_PLACE_ELSEWHERE,  /* the link holds another interface than the one of this name here:
				 it was renamed, or is in another network namespace; to a reader
				 who may not open the link, it may also be gone */
	PIM_PLACE_GONE,	      /* the link is pinned, and holds no interface any more */
	PIM_PLACE_UNFINISHED, /* pins without a link: an attach or detach was killed */
	PIM_PLACE_FOREIGN,    /* pins of a pimxdp with another schema */
};
/* "attached"; NULL for a value out of range. */
const char *pim_place_state_name(enum pim_place_state state);

/* The maps that an attached filter has pinned. */
enum pim_pin {
	PIM_PIN_REASONS,
	PIM_PIN_RULES,
	PIM_PIN_PARTNERS,
	PIM_PIN_FLOW_STATE,
	PIM_PIN_SLOTS4,
	PIM_PIN_SLOTS6,
	PIM_PIN_FLOWS, /* readable copies of the slots */
	PIM_PIN_ADDRESSES,
	PIM_PIN_INFO,
	PIM_PINS,
};

/* What pim_place_open found; read-only for the caller. */
struct pim_place {
	char interface[16];
	char directory[64];
	enum pim_place_state state;
	gid_t group; /* whose members may read the pins; PIM_NO_GROUP: only the owner */
	/* Only when foreign: the schema of its stamp, 0 where that is no pimxdp's, and what
	 * the state would be if it were ours (attached, elsewhere, gone). */
	uint32_t foreign_schema;
	enum pim_place_state foreign_state;

	/* Only when attached, elsewhere or gone: */
	struct pim_info info;
	uint32_t ifindex; /* 0 when gone */
	uint32_t program_id;
	uint32_t link_id; /* only when the link is open */
	enum pim_attach_mode mode; /* PIM_ATTACH_AUTO where the kernel does not say */
	int link;	       /* file descriptor; -1 also where a reader may not open it */
	int maps[PIM_PINS];    /* the same */
	int outgrown[PIM_PINS]; /* of an unfinished swap: what they counted adds up */
};

/* The lock on the pins' folder: one loader at a time changes them. Waits that long
 * for another, then fails and names its process. With `create` the
 * folder is made (and removed again at unlock when it is empty); without, a
 * missing folder is no error and *lock is -1. */
#define PIM_PATIENCE_MS 10000u /* of a command */
int pim_pins_lock(bool create, unsigned int patience_ms, int *lock, struct pim_error *error);
void pim_pins_unlock(int lock);

/* For readers: keeps loaders from changing anything until the lock is given
 * back. Best effort, at most two seconds: *lock is -1 where that was not had. */
void pim_pins_share(int *lock);
void pim_pins_unshare(int lock); /* -1 is allowed */
/* Turns a reader's lock into a loader's, if nobody else holds it. */
bool pim_pins_own(int lock);

/* Interfaces that have pins, sorted; the caller frees each and the list. */
int pim_pins_list(char ***interfaces, size_t *count, struct pim_error *error);

/* Looks at the pins of `interface`. An empty place is no error. To read takes no
 * more than read access to the pinned maps; to change, all of it. The caller
 * closes. */
enum pim_access { PIM_TO_READ, PIM_TO_CHANGE };
int pim_place_open(const char *interface, enum pim_access access, struct pim_place *place,
		   struct pim_error *error);
void pim_place_close(struct pim_place *place);

/* Finishes or forgets a swap that a killed loader left half done. The lock must
 * be held; the place may be opened anew. */
int pim_place_settle(struct pim_place *place, struct pim_error *error);

/* Whether there are counters to read: also of a filter that is elsewhere, or whose
 * interface is gone. */
static inline bool pim_place_counts(const struct pim_place *place)
{
	return place->state == PIM_PLACE_ATTACHED || place->state == PIM_PLACE_ELSEWHERE ||
	       place->state == PIM_PLACE_GONE;
}

/* Whether it is a filter of another schema that runs on this interface, so that
 * pim_filter_swap can put one of ours in its place. */
static inline bool pim_place_replaceable(const struct pim_place *place)
{
	return place->state == PIM_PLACE_FOREIGN && place->foreign_schema &&
	       place->foreign_state == PIM_PLACE_ATTACHED && place->link >= 0;
}

/* One line for a state that a command cannot work with: what it is, what to do.
 * Returns -errno. */
int pim_place_refuse(const struct pim_place *place, struct pim_error *error);

/* The XDP program that runs on an interface, anybody's. */
struct pim_xdp_program {
	uint32_t id; /* 0: none */
	enum pim_attach_mode mode;
	char name[16]; /* "" without CAP_SYS_ADMIN, which asking for it needs */
};
/* Returns 0 or -errno. */
int pim_xdp_query(uint32_t ifindex, struct pim_xdp_program *program);

/* Whether the interface exists, is Ethernet, and carries no XDP program that is
 * not this place's. */
int pim_interface_check(const struct pim_place *place, struct pim_error *error);

/* Lets the members of a group read the pins of this place, and of those that
 * later swaps make. The lock must be held. */
#define PIM_NO_GROUP ((gid_t)-1)
int pim_place_share(struct pim_place *place, gid_t group, struct pim_error *error);

/* Attaches the filter to an empty place's interface by a link and pins all of
 * it, for the owner and the members of `group` (PIM_NO_GROUP: none) to read; the
 * link's pin is made last and is what makes the attachment outlive the
 * process. On failure nothing is left. note (at least 256 bytes) receives why
 * native mode was refused when auto fell back to skb, else "". The lock must be
 * held. */
int pim_filter_attach(struct pim_filter *filter, const struct pim_info *info,
		      const char *interface, gid_t group, enum pim_attach_mode mode,
		      enum pim_attach_mode *got, char note[256], struct pim_error *error);

/* Puts the filter in the place of the attached one: one atomic link update.
 * Counters and flows carry on, unless that one is of another schema
 * (pim_place_replaceable): then nothing does, and the filter was loaded without a
 * place. The lock must be held. */
int pim_filter_swap(struct pim_filter *filter, struct pim_place *place,
		    const struct pim_info *info, struct pim_error *error);

/* Detaches and removes the pins, whatever state they are in. The lock must be
 * held. */
int pim_place_detach(struct pim_place *place, struct pim_error *error);

/* The keys of the pinned counters by name, for pim_compile. */
int pim_place_names(const struct pim_place *place, struct pim_names *names,
		    struct pim_error *error);

/* ---- raw: what the counters hold ---- */

struct pim_raw_flow {
	uint8_t family; /* enum pim_family; IPv4 addresses stand in the first four bytes */
	struct pim_flow6_key key;
	uint64_t packets;
	uint64_t bytes;
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC, to the tick */
	uint16_t rule;	    /* key in pim_rules */
	uint16_t partner;   /* key in pim_partners; 0: none */
	uint8_t tcp_flags;
};

/* Sums over all CPUs. Owned by the caller, freed with pim_raw_free. */
struct pim_raw {
	struct pim_reason_entry reasons[PIM_OUTCOMES];
	struct pim_rule_entry *rules;
	size_t rule_count;
	struct pim_partner_entry *partners; /* [0] is "no partner" */
	size_t partner_count;
	struct pim_flow_state flow_state;
	uint64_t flow_slots; /* in all: how many flows can be held */
	struct pim_raw_flow *flows; /* only when asked for */
	size_t flow_count;
};
int pim_place_read(const struct pim_place *place, bool with_flows, struct pim_raw *raw,
		   struct pim_error *error);
/* Puts these in the place of the readable copies in pim_flows, as far as they
 * fit, and stamps them with `now_ns` (CLOCK_REALTIME). -EACCES: this reader may
 * not. */
int pim_place_copy_flows(const struct pim_place *place, const struct pim_flow_text_key *keys,
			 const struct pim_flow_text *flows, size_t count, uint64_t now_ns,
			 struct pim_error *error);
/* A copy of the address image in force, NULL on failure; the caller frees it. */
int pim_place_addresses(const struct pim_place *place, __u32 **words, size_t *word_count,
			struct pim_error *error);
/* The same from a filter that is attached to nothing (replay). */
int pim_filter_read(const struct pim_filter *filter, bool with_flows, struct pim_raw *raw,
		    struct pim_error *error);
void pim_raw_free(struct pim_raw *raw);

#endif
