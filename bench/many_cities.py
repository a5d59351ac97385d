#!/usr/bin/env python3
"""A job for as many cities as wanted, to see what it would ask for: `xunfang check`, `submit`.

usage: many_cities.py FOLDER [--cities 300] [--shared 24]

Writes FOLDER/job.yaml and FOLDER/region.yaml: the first prefectures by code, each searched on a
host of its own, but for the first --shared, which are searched through two hosts, as 24 of the 41
cities of the study are. The hosts do not exist.
"""
import argparse
import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JOB = '''job: many-cities
region: region.yaml
codebook: visits
period: {from: 2010-01-01, to: 2023-12-31}
pairs: all
crawl:
  contact: tests@example.org
  delay: 3s
  robots: obey
  max_requests: 100000000
'''


def read_names():
    """Names of today's prefectures, by code; one that two of them have is left out."""
    path = os.path.join(ROOT, 'regions', 'china', 'divisions.tsv')
    with open(path, encoding='utf-8') as file:
        columns = next(file).rstrip('\n').split('\t')
        rows = [dict(zip(columns, line.rstrip('\n').split('\t'))) for line in file]
    names = [row['short'] for row in rows if row['level'] == 'city' and not row.get('to')]
    return [name for name in names if names.count(name) == 1]


def publisher(number, shared):
    host = f'search-{number % 2}' if number < shared else f'city-{number}'
    return (f'{{site: "http://{host}.example", platform: jsearch, params: {{websiteid: "{number}", '
            f'cateid: "40", tpl: "38"}}, hosts: [city-{number}.example]}}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('folder')
    parser.add_argument('--cities', type=int, default=300)
    parser.add_argument('--shared', type=int, default=24)
    given = parser.parse_args()
    os.makedirs(given.folder, exist_ok=True)
    with open(os.path.join(given.folder, 'region.yaml'), 'w', encoding='utf-8') as file:
        file.write('region: many-cities\ncities:\n')
        for number, name in enumerate(read_names()[:given.cities]):
            file.write(f'  - name: {name}\n    publishers:\n'
                       f'      - {publisher(number, given.shared)}\n')
    with open(os.path.join(given.folder, 'job.yaml'), 'w', encoding='utf-8') as file:
        file.write(JOB)


if __name__ == '__main__':
    main()
