#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The differential test: generated frames, judged by the real program and by classifier.py.

Writes configurations and captures, has `pimxdp replay` judge them, and holds every answer against
the classifier's. Needs the privilege to load BPF programs. The same seed gives the same frames.
"""

import argparse
import collections
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import classifier
import frames
import policies

SNAPPED_SHARE = 0.004  # of the frames; the program pads them with zeros again
REPLAY_SECONDS = 300
ANSWER_KEYS = {"packet", "verdict", "reason", "rule", "leg", "length"}
# Whose packet it is, where it is known; not judged here.
PACKET_KEYS = {"protocol", "source", "source_port", "destination", "destination_port"}


class CaptureWriter:
    """A capture of one of the formats that a tool may leave behind."""

    FORMATS = ("pcap", "pcap-big-endian", "pcap-nanoseconds", "pcapng")

    def __init__(self, file, format_name):
        self.file = file
        self.next_generation = format_name == "pcapng"
        order = ">" if format_name == "pcap-big-endian" else "<"
        if self.next_generation:
            self.block = struct.Struct("<IIIIIII")
            file.write(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
            file.write(struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20))
        else:
            magic = 0xA1B23C4D if format_name == "pcap-nanoseconds" else 0xA1B2C3D4
            self.record = struct.Struct(order + "IIII")
            file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1))

    def write(self, captured, length):
        """captured: the bytes there are; length: of the frame on the wire."""
        size = len(captured)
        if not self.next_generation:
            self.file.write(self.record.pack(1700000000, 0, size, length) + captured)
            return
        padding = -size % 4
        total = 32 + size + padding
        self.file.write(self.block.pack(6, total, 0, 0, 0, size, length) + captured
                        + bytes(padding) + struct.pack("<I", total))


def quoted(name):
    return "null" if name is None else f'"{name}"'


class Case:
    """One configuration, its frames, and the replay of them."""

    def __init__(self, index, count, arguments, folder):
        self.index = index
        self.folder = os.path.join(folder, f"{index:02}")
        os.makedirs(self.folder, exist_ok=True)
        rng = random.Random(f"{arguments.seed}/{index}")
        self.policy = policies.random_policy(rng, index)
        self.configuration = os.path.join(self.folder, "policy.conf")
        policies.write_configuration(self.policy, self.configuration, rng)

        judge = classifier.Classifier(self.policy)
        generator = frames.Generator(self.policy, judge, rng, arguments.short)
        self.frames = []
        self.expected = []
        format_name = CaptureWriter.FORMATS[index % len(CaptureWriter.FORMATS)]
        self.capture = os.path.join(
            self.folder, "frames.pcapng" if format_name == "pcapng" else "frames.pcap")
        with open(self.capture, "wb") as file:
            writer = CaptureWriter(file, format_name)
            for frame in generator.frames(count):
                captured = frame
                if rng.random() < SNAPPED_SHARE:
                    captured = frame[: rng.randint(generator.minimum, len(frame))]
                    frame = captured + bytes(len(frame) - len(captured))
                writer.write(captured, len(frame))
                self.frames.append(frame)
                self.expected.append(judge.decide(frame))

        self.reached = judge.reached
        self.answers = os.path.join(self.folder, "replay.json")
        self.messages = os.path.join(self.folder, "replay.err")
        self.process = None

    def start(self, program):
        """Runs replay in the background, so that the next frames can be made meanwhile."""
        with open(self.answers, "wb") as answers, open(self.messages, "wb") as messages:
            self.process = subprocess.Popen(
                [program, "replay", self.capture, "--config", self.configuration, "--json"],
                stdin=subprocess.DEVNULL, stdout=answers, stderr=messages)

    def compare(self):
        """Waits for replay. Returns mismatches as (packet number, answer line), and a failure's
        text or None."""
        try:
            status = self.process.wait(REPLAY_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return [], f"replay was not done after {REPLAY_SECONDS} s"
        with open(self.messages, encoding="utf-8", errors="replace") as file:
            messages = file.read().strip()
        if status != 0:
            return [], f"replay ended with {status}: {messages}"
        with open(self.answers, encoding="utf-8", errors="replace") as file:
            lines = file.read().split("\n")
        if lines.pop() != "":
            return [], "replay's last line has no end"
        if len(lines) != len(self.frames):
            return [], f"replay gave {len(lines)} lines for {len(self.frames)} packets: {messages}"
        mismatches = []
        for number, (line, frame, expected) in enumerate(
                zip(lines, self.frames, self.expected), 1):
            verdict, reason, rule, leg = expected
            # The line as replay prints it; any other spelling of the same JSON is as good.
            if line == (f'{{"packet":{number},"verdict":"{verdict}","reason":"{reason}",'
                        f'"rule":{quoted(rule)},"leg":{quoted(leg)},"length":{len(frame)}}}'):
                continue
            if not same_answer(line, number, expected, len(frame)):
                mismatches.append((number, line))
        return mismatches, None


def same_answer(line, number, expected, length):
    try:
        answer = json.loads(line)
    except ValueError:
        return False
    return (isinstance(answer, dict) and set(answer) - PACKET_KEYS == ANSWER_KEYS
            and answer["packet"] == number and answer["length"] == length
            and (answer["verdict"], answer["reason"], answer["rule"], answer["leg"]) == expected)


def hex_dump(data, most=512):
    lines = []
    for start in range(0, min(len(data), most), 16):
        lines.append(f"  {start:04x}  {data[start:start + 16].hex(' ')}")
    if len(data) > most:
        lines.append(f"  ... {len(data)} bytes in all")
    return "\n".join(lines)


def print_mismatch(case, number, line):
    verdict, reason, rule, leg = case.expected[number - 1]
    frame = case.frames[number - 1]
    print(f"mismatch in configuration {case.index}, packet {number}, {len(frame)} bytes:")
    print(hex_dump(frame))
    print(f"  classifier: {verdict} {reason} {rule or '-'} {leg or '-'} length {len(frame)}")
    print(f"  replay:     {line}")


def print_configuration(case):
    print(f"configuration {case.index}:")
    with open(case.configuration, encoding="ascii") as file:
        for line in file:
            print("  | " + line.rstrip("\n")[:400])


def unreached(tally, reached, total):
    """What the frames of a run never, or hardly ever, came to: a test of that proves nothing."""
    least = max(1, total // 4000)
    wanted = [(f"reason {reason}", lambda key, reason=reason: key[1] == reason, least)
              for reason in classifier.REASONS]
    for reason in ("non-ip", "not-edge", "fragment"):
        for verdict in ("pass", "drop"):
            wanted.append((f"{reason} with verdict {verdict}",
                           lambda key, pair=(verdict, reason): key[:2] == pair, least))
    for row in classifier.BUILT_IN:
        reasons = ["rule", "role"]
        if row.name in classifier.STUN_ROWS:
            reasons.append("stun-shape")
        else:  # a bare SYN on a reply leg, a SYN-ACK on a forward leg
            reasons.append("unsolicited")
        for reason in reasons:
            wanted.append((f"{reason} of {row.name}",
                           lambda key, pair=(reason, row.name): key[1:3] == pair,
                           max(1, least // 4)))
    missing = [f"{branch}: {reached[branch]} frames, wanted {max(1, least // 4)}"
               for branch in classifier.BRANCHES if reached[branch] < max(1, least // 4)]
    for text, fits, times in wanted:
        found = sum(count for key, count in tally.items() if fits(key))
        if found < times:
            missing.append(f"{text}: {found} frames, wanted {times}")
    return missing


def print_tally(tally):
    print(f"{'reason':<14}{'pass':>9}{'drop':>9}")
    for reason in classifier.REASONS:
        counts = [sum(count for key, count in tally.items() if key[:2] == (verdict, reason))
                  for verdict in ("pass", "drop")]
        print(f"{reason:<14}{counts[0]:>9,}{counts[1]:>9,}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pimxdp", default="build/pimxdp", help="the program to test")
    parser.add_argument("--frames", type=int, default=200000, help="frames in all")
    parser.add_argument("--configurations", type=int, default=24, help="random configurations")
    parser.add_argument("--seed", help="default: PIM_SEED from the environment, or random")
    parser.add_argument("--only", type=int, metavar="N", help="only configuration N of the run")
    parser.add_argument("--keep", metavar="DIR", help="leave the files in DIR")
    parser.add_argument("--short", action="store_true", help="frames of under 14 bytes too")
    parser.add_argument("--show", type=int, default=5, help="mismatches to print in full")
    parser.add_argument("--generate-only", action="store_true",
                        help="write the files and the classifier's tally; run no program")
    arguments = parser.parse_args()
    if arguments.seed is None:
        arguments.seed = os.environ.get("PIM_SEED") or str(random.SystemRandom().randrange(10**9))
    if not 1 <= arguments.configurations <= arguments.frames:
        parser.error("wanted at least one configuration, and a frame for each")
    if not arguments.generate_only and not os.access(arguments.pimxdp, os.X_OK):
        parser.error(f"no program to test at {arguments.pimxdp}: build it first")
    return arguments


def run(arguments, folder):
    """Returns the exit status."""
    started = time.monotonic()
    tally = collections.Counter()
    reached = collections.Counter()
    failures = 0
    mismatched = 0
    shown = 0
    judged = 0
    running = None

    def finish(case):
        nonlocal failures, mismatched, shown
        mismatches, failure = case.compare()
        if failure is not None:
            failures += 1
            print(f"configuration {case.index}: {failure}")
            print_configuration(case)
        mismatched += len(mismatches)
        for number, line in mismatches[: max(0, arguments.show - shown)]:
            print_mismatch(case, number, line)
        if mismatches:
            if shown < arguments.show:
                print_configuration(case)
            shown += len(mismatches)
            kinds = collections.Counter(
                (case.expected[number - 1][:3], line.partition(",")[2].rpartition(",")[0])
                for number, line in mismatches)
            print(f"configuration {case.index}: {len(mismatches)} mismatches, of these kinds:")
            for (expected, line), count in kinds.most_common(10):
                print(f"  {count:>6}  classifier {expected}, replay {line}")

    indexes = range(arguments.configurations) if arguments.only is None else [arguments.only]
    for index in indexes:
        count = (arguments.frames * (index + 1) // arguments.configurations
                 - arguments.frames * index // arguments.configurations)
        case = Case(index, count, arguments, folder)
        judged += count
        tally.update(case.expected)
        reached.update(case.reached)
        if arguments.generate_only:
            continue
        if running is not None:
            finish(running)
        case.start(arguments.pimxdp)
        running = case
    if running is not None:
        finish(running)

    print_tally(tally)
    missing = [] if arguments.only is not None else unreached(tally, reached, judged)
    for line in missing:
        print(f"not reached: {line}")
    if failures or mismatched or missing:
        again = f"--frames {arguments.frames} --configurations {arguments.configurations}"
        if arguments.short:
            again += " --short"
        print(f"again with: --seed {arguments.seed} {again} --keep DIR")
    print(f"took {time.monotonic() - started:.1f} s")
    notes = f", {failures} replays failed" if failures else ""
    notes += f", {len(missing)} things not reached" if missing else ""
    print(f"differential: {judged:,} frames, {len(indexes)} configurations, "
          f"{mismatched:,} mismatches{notes} (seed {arguments.seed})")
    return 1 if failures or mismatched or missing else 0


def main():
    arguments = parse_arguments()
    print(f"differential: seed {arguments.seed}", flush=True)
    if arguments.keep:
        os.makedirs(arguments.keep, exist_ok=True)
        status = run(arguments, arguments.keep)
    else:
        folder = tempfile.mkdtemp(prefix="pimxdp-differential-")
        try:
            status = run(arguments, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
