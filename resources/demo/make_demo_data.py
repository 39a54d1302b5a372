#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes demo_train.jsonl: short arithmetic word problems with a worked answer, made here and free to use.

    make_demo_data.py [--rows 400] [--seed 7] [--out demo_train.jsonl]

The same arguments give the same file. Each row: {"instruction": problem, "output": worked answer, last line "#### N"}.
"""
import argparse
import json
import pathlib
import random

PEOPLE = ["Ana", "Ben", "Chloe", "Daniel", "Emma", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kira", "Liam", "Maya",
          "Noah", "Olga", "Pedro", "Rosa", "Sam", "Tara", "Victor", "Wanda", "Yusuf", "Zoe", "Amir", "Lena", "Omar"]
FRUIT = ["apples", "pears", "plums", "oranges", "peaches", "lemons", "figs"]
GOODS = [("notebook", "notebooks"), ("pencil", "pencils"), ("mug", "mugs"), ("candle", "candles"), ("poster", "posters"),
         ("scarf", "scarves"), ("kite", "kites"), ("lamp", "lamps"), ("puzzle", "puzzles"), ("brush", "brushes")]
COLLECT = ["stamps", "marbles", "shells", "coins", "stickers", "postcards", "buttons", "trading cards"]
PLACES = ["market", "fair", "bakery", "garden centre", "book shop", "school shop", "museum shop"]
VEHICLES = ["bus", "train", "tram", "ferry"]


def two(r):
    return r.sample(PEOPLE, 2)


def shopping(r):
    a, n, (one, many), m, (one2, many2) = r.choice(PEOPLE), r.randint(2, 9), *r.sample(GOODS, 1), r.randint(2, 6), r.choice(GOODS)
    while many2 == many:
        one2, many2 = r.choice(GOODS)
    p, q, place = r.randint(2, 12), r.randint(3, 15), r.choice(PLACES)
    text = r.choice([
        f"At the {place}, {a} buys {n} {many} at ${p} each and {m} {many2} at ${q} each. How much does {a} pay in total?",
        f"A {one} costs ${p} and a {one2} costs ${q}. {a} takes {n} {many} and {m} {many2}. What is the total price in dollars?",
        f"{a} has a list for the {place}: {n} {many} for ${p} apiece and {m} {many2} for ${q} apiece. How many dollars will everything cost?"])
    return text, [f"The {many} cost {n} * {p} = ${n * p}.", f"The {many2} cost {m} * {q} = ${m * q}.",
                  f"Together that is {n * p} + {m * q} = ${n * p + m * q}."], n * p + m * q


def change(r):
    a, n, (one, many), p = r.choice(PEOPLE), r.randint(3, 8), r.choice(GOODS), r.randint(2, 11)
    note = r.choice([x for x in (20, 50, 100) if x > n * p] or [200])
    text = r.choice([
        f"{a} pays for {n} {many} with a ${note} note. Each {one} costs ${p}. How much change does {a} get?",
        f"One {one} is ${p}. {a} buys {n} of them and hands over ${note}. How many dollars come back?"])
    return text, [f"The {many} cost {n} * {p} = ${n * p}.", f"The change is {note} - {n * p} = ${note - n * p}."], note - n * p


def baskets(r):
    a, f, k, per, eaten = r.choice(PEOPLE), r.choice(FRUIT), r.randint(3, 9), r.randint(6, 15), r.randint(2, 12)
    text = r.choice([
        f"{a} fills {k} baskets with {per} {f} each and then gives {eaten} {f} to a neighbour. How many {f} are left?",
        f"There are {k} crates with {per} {f} in each. After {a} sells {eaten} of the {f}, how many remain?",
        f"A farm packs {per} {f} into every box. {a} collects {k} boxes but {eaten} {f} turn out to be spoiled. How many good {f} does {a} have?"])
    return text, [f"At first there are {k} * {per} = {k * per} {f}.", f"Then {k * per} - {eaten} = {k * per - eaten} {f} are left."], k * per - eaten


def sharing(r):
    a, b, c = r.sample(PEOPLE, 3)
    thing, each = r.choice(COLLECT), r.randint(4, 19)
    x = r.randint(5, 3 * each - 5)
    y = 3 * each - x
    text = r.choice([
        f"{a} has {x} {thing} and {b} has {y}. They put them together and share them equally with {c}, so that all three have the same number. How many {thing} does each get?",
        f"Three friends, {a}, {b} and {c}, split {x + y} {thing} evenly. How many {thing} does each friend receive?"])
    return text, [f"In all there are {x + y} {thing}." if "Three" in text else f"Together they have {x} + {y} = {x + y} {thing}.",
                  f"Each of the three gets {x + y} / 3 = {each}."], each


def ages(r):
    a, b = two(r)
    young, k, later = r.randint(4, 13), r.randint(3, 5), r.randint(2, 9)
    text = r.choice([
        f"{a} is {young} years old and {b} is {k} times as old. How old will {b} be in {later} years?",
        f"{b} is {k} times as old as {a}, who is {young}. What will {b}'s age be {later} years from now?"])
    return text, [f"Today {b} is {k} * {young} = {k * young} years old.", f"In {later} years {b} will be {k * young} + {later} = {k * young + later}."], k * young + later


def travel(r):
    v, speed, hours, rest = r.choice(VEHICLES), r.choice([30, 40, 45, 50, 60, 70, 80, 90]), r.randint(2, 6), r.randint(10, 95)
    text = r.choice([
        f"A {v} travels at {speed} km per hour for {hours} hours and then covers another {rest} km. How many kilometres does it travel altogether?",
        f"For {hours} hours a {v} keeps a speed of {speed} km/h. The last part of its route is {rest} km long. How long is the whole route in kilometres?"])
    return text, [f"In {hours} hours it covers {hours} * {speed} = {hours * speed} km.",
                  f"With the last part that makes {hours * speed} + {rest} = {hours * speed + rest} km."], hours * speed + rest


def wages(r):
    a, rate, days, h, spent = r.choice(PEOPLE), r.randint(9, 24), r.randint(3, 6), r.randint(4, 8), r.randint(20, 90)
    pay = rate * days * h
    text = r.choice([
        f"{a} earns ${rate} an hour and works {h} hours a day for {days} days. Afterwards {a} spends ${spent} on a coat. How many dollars are left?",
        f"Working {h} hours on each of {days} days, {a} is paid ${rate} per hour. If ${spent} of that goes into a gift, how much money remains?"])
    return text, [f"{a} works {days} * {h} = {days * h} hours.", f"The pay is {days * h} * {rate} = ${pay}.",
                  f"After spending, {pay} - {spent} = ${pay - spent} are left."], pay - spent


def percent(r):
    a, (one, _), p = r.choice(PEOPLE), r.choice(GOODS), r.choice([10, 20, 25, 40, 50])
    price = r.choice([20, 40, 60, 80, 100, 120, 140, 160])
    off = price * p // 100
    text = r.choice([
        f"A large {one} normally costs ${price}. In the sale it is {p}% off. What does {a} pay for it?",
        f"{a} finds a {one} marked ${price} with a discount of {p} percent. How many dollars is the reduced price?"])
    return text, [f"The discount is {p}% of {price}, which is ${off}.", f"The reduced price is {price} - {off} = ${price - off}."], price - off


def rows_of_seats(r):
    rows, seats = r.randint(8, 25), r.randint(9, 20)
    taken = r.randint(rows, rows * seats - 10)
    hall = r.choice(["theatre", "concert hall", "cinema", "lecture hall"])
    text = r.choice([
        f"A {hall} has {rows} rows of {seats} seats. {taken} seats are taken. How many seats are free?",
        f"In a {hall} there are {seats} seats in each of the {rows} rows. Tonight {taken} visitors came. How many seats stay empty?"])
    return text, [f"The {hall} has {rows} * {seats} = {rows * seats} seats.", f"Free are {rows * seats} - {taken} = {rows * seats - taken}."], rows * seats - taken


def reading(r):
    a, per, days = r.choice(PEOPLE), r.randint(8, 35), r.randint(4, 9)
    left = r.randint(20, 120)
    pages = per * days + left
    text = r.choice([
        f"{a}'s book has {pages} pages. {a} reads {per} pages a day for {days} days. How many pages are still unread?",
        f"Every evening {a} reads {per} pages of a {pages}-page novel. How many pages are left after {days} evenings?"])
    return text, [f"{a} has read {per} * {days} = {per * days} pages.", f"Left are {pages} - {per * days} = {left} pages."], left


def collection(r):
    a, b = two(r)
    thing, n, k, lost = r.choice(COLLECT), r.randint(12, 60), r.randint(3, 6), r.randint(3, 11)
    text = r.choice([
        f"{a} owns {n} {thing}. {b} owns {k} times as many, but loses {lost} of them. How many {thing} does {b} have now?",
        f"{b} collected {k} times as many {thing} as {a}, who collected {n}. Then {b} gave {lost} away. How many {thing} does {b} still have?"])
    return text, [f"{b} had {k} * {n} = {k * n} {thing}.", f"Now {b} has {k * n} - {lost} = {k * n - lost}."], k * n - lost


def recipe(r):
    a, cakes, eggs = r.choice(PEOPLE), r.randint(3, 9), r.randint(2, 5)
    have = r.randint(2, cakes * eggs - 2)
    text = r.choice([
        f"One cake needs {eggs} eggs. {a} wants to bake {cakes} cakes and has {have} eggs at home. How many eggs must {a} buy?",
        f"{a} plans {cakes} cakes with {eggs} eggs each and already has {have} eggs. How many more eggs are needed?"])
    return text, [f"The cakes need {cakes} * {eggs} = {cakes * eggs} eggs.", f"{a} still needs {cakes * eggs} - {have} = {cakes * eggs - have} eggs."], cakes * eggs - have


def area(r):
    long, wide, price = r.randint(5, 18), r.randint(3, 9), r.randint(2, 9)
    a, what = r.choice(PEOPLE), r.choice(["lawn", "carpet", "tiled floor"])
    text = r.choice([
        f"{a} wants a {what} that is {long} m long and {wide} m wide. A square metre costs ${price}. How many dollars does the {what} cost?",
        f"A {what} measures {long} m by {wide} m, and each square metre costs ${price}. What does {a} pay for it?"])
    return text, [f"The area is {long} * {wide} = {long * wide} square metres.", f"It costs {long * wide} * {price} = ${long * wide * price}."], long * wide * price


def saving(r):
    a, goal_item = r.choice(PEOPLE), r.choice(["bicycle", "guitar", "tent", "camera", "telescope"])
    weekly, weeks, start = r.randint(4, 15), r.randint(5, 14), r.randint(10, 60)
    goal = weekly * weeks + start
    text = r.choice([
        f"A {goal_item} costs ${goal}. {a} has ${start} and saves ${weekly} a week. After how many weeks can {a} buy it?",
        f"{a} is saving for a {goal_item} that costs ${goal}. With ${start} already in the jar and ${weekly} added each week, how many weeks does it take?"])
    return text, [f"Missing are {goal} - {start} = ${goal - start}.", f"At ${weekly} a week that takes {goal - start} / {weekly} = {weeks} weeks."], weeks


def time_table(r):
    a, n, minutes, pause = r.choice(PEOPLE), r.randint(3, 7), r.randint(12, 45), r.randint(3, 10)
    text = r.choice([
        f"{a} practises {n} piano pieces for {minutes} minutes each and rests {pause} minutes between one piece and the next. How many minutes does the whole practice take?",
        f"A lesson has {n} parts of {minutes} minutes with a break of {pause} minutes between neighbouring parts. How many minutes does {a} spend in the lesson, breaks included?"])
    whole = n * minutes + (n - 1) * pause
    return text, [f"The {n} parts take {n} * {minutes} = {n * minutes} minutes.",
                  f"There are {n - 1} breaks, {n - 1} * {pause} = {(n - 1) * pause} minutes.",
                  f"Together that is {n * minutes} + {(n - 1) * pause} = {whole} minutes."], whole


KINDS = [shopping, change, baskets, sharing, ages, travel, wages, percent, rows_of_seats, reading, collection, recipe, area,
         saving, time_table]


def make(rows, seed):
    r = random.Random(seed)
    seen, out = set(), []
    while len(out) < rows:
        text, steps, answer = KINDS[len(out) % len(KINDS)](r)
        if text not in seen and answer > 0:
            seen.add(text)
            out.append({"instruction": text, "output": "\n".join(steps + [f"#### {answer}"])})
    r.shuffle(out)
    return out


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rows", type=int, default=400)
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--out", default=str(pathlib.Path(__file__).with_name("demo_train.jsonl")))
    a = p.parse_args()
    with open(a.out, "w", encoding="utf-8") as f:
        for row in make(a.rows, a.seed):
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
