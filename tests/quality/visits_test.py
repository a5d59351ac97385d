"""Quality of the models and rules on the labelled visits beside the repository.

Trains on train.jsonl, scores on dev.jsonl, and checks the floors that docs/quality.md states. Also
that training is repeatable and that the shipped models are what training on both files gives.
Skipped (77) where the labelled data is absent.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LABELLED = ROOT.parent / 'shared' / 'data' / 'visits'
BOOK = ROOT / 'codebooks' / 'visits'
TASKS = ('visit', 'themes', 'purpose')
FLOORS = {'visit': 0.86, 'events': 0.80, 'purpose': 0.80, 'themes': 0.68}


def train(program, task, files):
    text = b''.join(file.read_bytes() for file in files)
    done = subprocess.run([program, 'train', '--task', task], input=text, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout


def trained_codebook(program, folder, files):
    book = pathlib.Path(folder) / 'visits'
    shutil.copytree(BOOK, book, ignore=shutil.ignore_patterns('models'))
    (book / 'models').mkdir()
    for task in TASKS:
        (book / 'models' / f'{task}.model').write_bytes(train(program, task, files))
    return book / 'codebook.yaml'


def score(program, book, task):
    done = subprocess.run([program, 'eval', '--task', task, '--codebook', book, '--json', '--gold',
                           LABELLED / 'dev.jsonl'], check=True, stdout=subprocess.PIPE)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return next((line for line in lines if line['label'] == 'micro'), lines[0])


def check_floors(program, failures):
    with tempfile.TemporaryDirectory() as folder:
        book = trained_codebook(program, folder, [LABELLED / 'train.jsonl'])
        for task, floor in FLOORS.items():
            line = score(program, book, task)
            print(f'{task}: F1 {line["f1"]:.3f} [{line["f1_low"]:.3f}, {line["f1_high"]:.3f}], '
                  f'at least {floor}')
            if line['f1'] < floor:
                failures.append(f'{task}: F1 {line["f1"]} is below {floor}')


def check_shipped(program, failures):
    files = [LABELLED / 'train.jsonl', LABELLED / 'dev.jsonl']
    for task in TASKS:
        if train(program, task, files) != (BOOK / 'models' / f'{task}.model').read_bytes():
            failures.append(f'{task}.model is not what training on both files gives')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', required=True)
    program = pathlib.Path(parser.parse_args().build) / 'libexec/xunfang/xunfang-classifier'
    if not (LABELLED / 'dev.jsonl').exists():
        print('no labelled data beside the repository')
        return 77
    failures = []
    check_floors(program, failures)
    check_shipped(program, failures)
    for failure in failures:
        print('FAILED', failure)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
