/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the program costs before it has judged a frame. */
#include <time.h>
#include "harness.h"

int main(void){ struct judge j; struct timespec a,b; 
for(int i=0;i<5;i++){clock_gettime(CLOCK_MONOTONIC,&a); judge_open(&j, STANDARD_POLICY);clock_gettime(CLOCK_MONOTONIC,&b);
struct pim_program_size s; struct pim_error e; pim_filter_size(j.filter,&s,&e);
printf("open %ld us, %u insns %u jit %u xlated\n",(b.tv_sec-a.tv_sec)*1000000+(b.tv_nsec-a.tv_nsec)/1000,s.verified_instructions,s.jited_bytes,s.translated_bytes);
clock_gettime(CLOCK_MONOTONIC,&a);
pim_filter_free(j.filter);clock_gettime(CLOCK_MONOTONIC,&b);
printf("free %ld us\n",(b.tv_sec-a.tv_sec)*1000000+(b.tv_nsec-a.tv_nsec)/1000);
}}
