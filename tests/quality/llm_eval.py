#!/usr/bin/env python3
"""Quality of a language model in the built-in models' uncertain bands, on the labelled visits.

usage: llm_eval.py --build DIR [--endpoint URL --model NAME [--record FILE]] [--band TASK=FROM-TO]…
                   [--tasks visit,purpose,themes,events] [--constraint HOW] [--concurrency N]

Run by hand: needs a model server, or a recording (--endpoint replay:FILE).
Models   Trained on train.jsonl alone; dev.jsonl is classified, then its events are extracted.
Scores   visit: F1 over documents; events: F1 over (document, origin, host); purpose: share of true
         visits found that are labelled right; themes: micro F1 on them. Beside them what the
         built-in models score alone, and which decisions changed for the better or the worse.
Cost     Calls and tokens as the recording says, seconds by the clock: those of a replay mean
         nothing.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from visits_test import LABELLED, trained_codebook

TASKS = ('visit', 'purpose', 'themes', 'events')
Counts = collections.namedtuple('Counts', 'right false missed')


def f1(counts):
    total = 2 * counts.right + counts.false + counts.missed
    return 2 * counts.right / total if total else 0.0


def compare(found, gold):
    return Counts(len(found & gold), len(found - gold), len(gold - found))


def pairs(documents, events_of):
    return {(d['id'], e['origin_city'], e['host_city']) for d in documents for e in events_of(d)}


def gold_label(document, name):
    values = [event[name] for event in document['gold']['events'] if event.get(name)]
    return values[0] if values else None


def scores(documents):
    """{name: (score, what it was counted from)}"""
    visits = [d for d in documents if d['is_visit'] and d['gold']['is_visit']]
    visit = compare({d['id'] for d in documents if d['is_visit']},
                    {d['id'] for d in documents if d['gold']['is_visit']})
    events = compare(pairs(documents, lambda d: d['events']),
                     pairs(documents, lambda d: d['gold']['events']))
    themes = compare({(d['id'], t) for d in visits for t in d['themes']},
                     {(d['id'], t) for d in visits for t in gold_label(d, 'themes') or []})
    purposes = [d['purpose'] == gold_label(d, 'purpose') for d in visits]
    return {'visit': (f1(visit), visit), 'events': (f1(events), events),
            'themes': (f1(themes), themes),
            'purpose': (sum(purposes) / max(1, len(purposes)), f'of {len(purposes)}')}


def ask_only(book, tasks, bands):
    """Leaves `ask` to these tasks alone, and gives some another band."""
    text = book.read_text(encoding='utf-8')
    head, *parts = re.split(r'(?m)^(?=  - name: |[a-z_]+:)', text)
    for i, part in enumerate(parts):
        name = re.match(r'  - name: (\w+)', part)
        if not name or '    ask:' not in part:
            continue
        if name.group(1) not in tasks:
            part = re.sub(r'(?ms)^    ask:.*?(?=^ {0,4}\S|\Z)', '', part)
            parts[i] = re.sub(r'(?m)^ +answer: .*\n|, answer: \{[^}]*\}', '', part)
        elif name.group(1) in bands:
            parts[i] = re.sub(r'from: *\d+, *to: *\d+', 'from: %s, to: %s' % bands[name.group(1)],
                              part)
    book.write_text(head + ''.join(parts), encoding='utf-8')


def run(given, program, book, lines, record):
    command = [str(given.build / 'libexec' / 'xunfang' / program),
               *(['classify'] if program.endswith('classifier') else ['extract']),
               '--codebook', str(book)]
    if given.endpoint and record:
        command += ['--llm', given.endpoint, '--model', given.model,
                    '--constraint', given.constraint, '--concurrency', str(given.concurrency),
                    '--timeout', '20m', '--patience', '12h']
        if not given.endpoint.startswith('replay:'):
            command += ['--record', record]
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, check=True)
    return done.stdout


def read(given, book, record):
    """The documents as classified and extracted, and the seconds that took."""
    start = time.monotonic()
    lines = run(given, 'xunfang-classifier', book, (LABELLED / 'dev.jsonl').read_bytes(), record)
    lines = run(given, 'xunfang-extractor', book, lines, record)
    return [json.loads(line) for line in lines.splitlines()], time.monotonic() - start


def recorded(record):
    """Replies that stand in a recording, as (calls, prompt tokens, answer tokens)."""
    lines = [json.loads(line) for line in open(record, encoding='utf-8')]
    return (len(lines), sum(line['prompt_tokens'] for line in lines),
            sum(line['completion_tokens'] for line in lines))


def band(text):
    """("visit", ("20", "80")) of "visit=20-80" """
    match = re.fullmatch(r'(\w+)=(\d+)-(\d+)', text)
    if not match:
        raise argparse.ArgumentTypeError(f'{text} is not TASK=FROM-TO')
    return match.group(1), (match.group(2), match.group(3))


def print_scores(title, found):
    print(title)
    for name in TASKS:
        score, counted = found[name]
        print(f'  {name:8} {score:.3f}  {counted}')


def print_changes(before, after):
    was = {d['id']: d for d in before}
    changed = [(was[d['id']], d) for d in after if was[d['id']]['is_visit'] != d['is_visit']]
    better = sum(d['is_visit'] == d['gold']['is_visit'] for _, d in changed)
    asked = sum(d['decided_by'] == 'llm' for d in after)
    print(f'decided by the language model: {asked} of {len(after)} documents; visit changed in '
          f'{len(changed)}: {better} for the better, {len(changed) - better} for the worse')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--build', required=True, type=pathlib.Path)
    parser.add_argument('--endpoint')
    parser.add_argument('--model', default='model')
    parser.add_argument('--record', metavar='FILE', help='keep replies there')
    parser.add_argument('--band', action='append', type=band, default=[], metavar='TASK=FROM-TO')
    parser.add_argument('--tasks', default=','.join(TASKS))
    parser.add_argument('--constraint', default='schema')
    parser.add_argument('--concurrency', type=int, default=2)
    given = parser.parse_args()
    if not (LABELLED / 'dev.jsonl').exists():
        print('no labelled data beside the repository')
        return 77
    with tempfile.TemporaryDirectory() as folder:
        book = trained_codebook(given.build / 'libexec/xunfang/xunfang-classifier', folder,
                                [LABELLED / 'train.jsonl'])
        built_in, _ = read(given, book, None)
        print_scores('built-in models alone', scores(built_in))
        if not given.endpoint:
            return 0
        ask_only(book, given.tasks.split(','), dict(given.band))
        record = given.record or os.path.join(folder, 'replies.jsonl')
        asked, seconds = read(given, book, record)
    print_scores(f'with {given.model}, asked about {given.tasks}', scores(asked))
    print_changes(built_in, asked)
    if given.record and os.path.exists(record):
        print('%d calls, %d tokens sent, %d received,' % recorded(record), f'{seconds:.0f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main())
