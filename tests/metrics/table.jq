# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# pimxdp metrics --json to the rows of the table in docs/metrics.md.
.[] | "| `\(.metric)` | \(.type) | \(.labels | map("`\(.)`") | join(", ")) | \(.of) | \(.meaning) |"
