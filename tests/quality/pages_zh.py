#!/usr/bin/env python3
"""Scores `xunfang parse` on real Chinese pages with hand-made texts and dates.

usage: pages_zh.py PROGRAM [--suite DIR] [--verbose] [--require-text F1] [--require-date N]

PROGRAM  xunfang, or xunfang-tools behind it.
Text     White space out, multiset of character 4-grams, F1 per page, mean over pages; the interval
         is a bootstrap over pages (fixed seed).
Date     The same calendar day, over pages whose date file holds a full date.
Exit     0; 1 if a requirement is missed; 0 with a word if the suite is not there.
"""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SUITE = os.path.join(HERE, '..', '..', '..', 'shared', 'suites', 'pages-zh')


def grams(text):
    text = ''.join(text.split())
    return collections.Counter(text[i:i + 4] for i in range(len(text) - 3))


def f1(expected, found):
    expected, found = grams(expected), grams(found)
    common = sum((expected & found).values())
    if common == 0:
        return 0.0
    return 2 * common / (sum(expected.values()) + sum(found.values()))


def full_date(text):
    match = re.search(r'(\d{4})-(\d{1,2})-(\d{1,2})', text)
    return match and '%s-%02d-%02d' % (match[1], int(match[2]), int(match[3]))


def read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


def parse(program, path):
    with open(path, 'rb') as page:
        done = subprocess.run([program, 'parse', '--url', 'http://page.invalid/'], stdin=page,
                              capture_output=True, check=True)
    return json.loads(done.stdout)


def interval(scores):
    """95 % bootstrap interval of the mean."""
    draw = random.Random(1)
    means = sorted(sum(draw.choices(scores, k=len(scores))) / len(scores) for _ in range(2000))
    return means[50], means[1949]


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('program')
    options.add_argument('--suite', default=SUITE)
    options.add_argument('--verbose', action='store_true')
    options.add_argument('--require-text', type=float, default=0)
    options.add_argument('--require-date', type=int, default=0)
    options = options.parse_args()
    if not os.path.isdir(options.suite):
        print('skipped: no suite at', options.suite)
        return 0
    scores, dated, right = [], 0, 0
    for name in sorted(os.listdir(os.path.join(options.suite, 'original'))):
        stem = name.rsplit('.', 1)[0]
        page = parse(options.program, os.path.join(options.suite, 'original', name))
        score = f1(read(os.path.join(options.suite, 'cleaned', stem + '.txt')), page['body'])
        date = full_date(read(os.path.join(options.suite, 'date', stem + '.txt')))
        scores.append(score)
        dated += date is not None
        right += date is not None and date == page['date']
        if options.verbose:
            print('%s %.3f %s %s (%s) %s' % (stem[:8], score, date, page['date'],
                                             page['date_rule'], page['title']))
    mean = sum(scores) / len(scores)
    print('text F1 %.4f [%.4f, %.4f] on %d pages' % (mean, *interval(scores), len(scores)))
    print('date %d of %d' % (right, dated))
    return int(mean < options.require_text or right < options.require_date)


if __name__ == '__main__':
    sys.exit(main())
