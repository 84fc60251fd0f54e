/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Driver, features and queues, by ethtool requests that need no privilege. */
#include "machine/interface.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool request(int socket_fd, const char *name, void *data)
{
	struct ifreq interface = { .ifr_data = data };

	snprintf(interface.ifr_name, sizeof(interface.ifr_name), "%s", name);
	return !ioctl(socket_fd, SIOCETHTOOL, &interface);
}

static void read_driver(int socket_fd, struct pim_interface *interface)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	if (request(socket_fd, interface->name, &info))
		snprintf(interface->driver, sizeof(interface->driver), "%.31s", info.driver);
}

static void read_queues(int socket_fd, struct pim_interface *interface)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };

	if (!request(socket_fd, interface->name, &channels) ||
	    !(channels.rx_count + channels.combined_count))
		return;
	interface->rx_queues = channels.rx_count + channels.combined_count;
	interface->rx_queues_max = channels.max_rx + channels.max_combined;
}

/* Names of all features, ETH_GSTRING_LEN bytes each, or NULL. The caller frees them. */
static struct ethtool_gstrings *feature_names(int socket_fd, const char *name)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES } };
	struct ethtool_gstrings *names;

	if (!request(socket_fd, name, &set) || !set.info.sset_mask)
		return NULL;
	names = calloc(1, sizeof(*names) + (size_t)set.count * ETH_GSTRING_LEN);
	if (!names)
		return NULL;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = set.count;
	if (!request(socket_fd, name, names)) {
		free(names);
		return NULL;
	}
	return names;
}

static void keep_feature(struct pim_feature *feature,
			 const struct ethtool_get_features_block *block, __u32 bit)
{
	feature->known = true;
	feature->on = block->active & bit;
	feature->fixed = !(block->available & bit) || block->never_changed & bit;
}

static void read_features(int socket_fd, struct pim_interface *interface)
{
	const struct {
		const char *name;
		struct pim_feature *feature;
	} wanted[] = {
		{ "rx-lro", &interface->lro },
		{ "rx-gro-hw", &interface->gro_hw },
		{ "rx-vlan-hw-parse", &interface->rx_vlan },
	};
	struct ethtool_gstrings *names = feature_names(socket_fd, interface->name);
	__u32 blocks = names ? (names->len + 31) / 32 : 0;
	struct ethtool_gfeatures *features =
		calloc(1, sizeof(*features) + blocks * sizeof(*features->features));

	if (names && features) {
		features->cmd = ETHTOOL_GFEATURES;
		features->size = blocks;
		if (!request(socket_fd, interface->name, features))
			blocks = 0;
		for (__u32 i = 0; i < names->len && i / 32 < blocks; i++)
			for (size_t w = 0; w < sizeof(wanted) / sizeof(*wanted); w++)
				if (!strncmp((char *)names->data + (size_t)i * ETH_GSTRING_LEN,
					     wanted[w].name, ETH_GSTRING_LEN))
					keep_feature(wanted[w].feature, &features->features[i / 32],
						     1u << i % 32);
	}
	free(features);
	free(names);
}

void pim_interface_ethtool(struct pim_interface *interface)
{
	int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (socket_fd < 0)
		return;
	read_driver(socket_fd, interface);
	read_queues(socket_fd, interface);
	read_features(socket_fd, interface);
	close(socket_fd);
}
