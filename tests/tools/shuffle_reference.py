#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shuffle of core/dataset/shuffle_p.h and the batch hash of core/dataset/batches.h once more, from their description alone.

Prints the values that tests/core/dataset/tst_batches.cpp expects.
"""
M = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
    return z ^ (z >> 31)


def rotl(x, k):
    return ((x << k) | (x >> (64 - k))) & M


def draws(seed, epoch):
    at = (mix((seed + GOLDEN) & M) + epoch) & M
    s = []
    for _ in range(4):
        at = (at + GOLDEN) & M
        s.append(mix(at))
    while True:
        yield (rotl((s[1] * 5) & M, 7) * 9) & M
        t = (s[1] << 17) & M
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)


def order(count, seed, epoch):
    out, source = list(range(count)), draws(seed, epoch)
    for n in range(count, 1, -1):
        while True:
            product = next(source) * n
            if product & M >= (1 << 64) % n:
                break
        j = product >> 64
        out[n - 1], out[j] = out[j], out[n - 1]
    return out


def batch_hash(batches):
    h = 0xCBF29CE484222325
    for rows, length, ids in batches:
        for byte in b"".join(v.to_bytes(8, "little", signed=True) for v in (rows, length, *ids)):
            h = ((h ^ byte) * 0x100000001B3) & M
    return f"{h:016x}"


if __name__ == "__main__":
    for seed, epoch in ((0, 0), (0, 1), (42, 0)):
        print(f"shuffledOrder(8, {seed}, {epoch}) = {order(8, seed, epoch)}")
    print("batchHash({{1, 2, {5, 6}}}) =", batch_hash([(1, 2, [5, 6])]))
