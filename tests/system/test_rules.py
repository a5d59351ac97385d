"""Unit tests of the oracle itself: rules.py, courtesy.py, demo_check.py on results made by hand."""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import courtesy
import rules


def report(day, published, url='u', unit=None):
    return (rules.day_of(day), rules.day_of(published), url, unit)


def days(reports):
    return sorted((rules.text_of(day), source) for day, source in rules.cluster(reports))


class Clusters(unittest.TestCase):
    def test_dated_reports_merge_by_day(self):
        self.assertEqual(days([report('2019-05-08', '2019-05-09'), report('2019-05-08', None),
                               report('2019-05-09', '2019-05-09')]),
                         [('2019-05-08', 'text'), ('2019-05-09', 'text')])

    def test_undated_joins_in_the_window(self):
        dated = report('2019-05-08', '2019-05-09')
        self.assertEqual(days([dated, report(None, '2019-05-15')]), [('2019-05-08', 'text')])
        self.assertEqual(days([dated, report(None, '2019-05-07')]), [('2019-05-08', 'text')])
        self.assertEqual(days([dated, report(None, '2019-05-16')]),
                         [('2019-05-08', 'text'), ('2019-05-15', 'imputed')])
        self.assertEqual(days([dated, report(None, '2019-05-06')]),
                         [('2019-05-05', 'imputed'), ('2019-05-08', 'text')])

    def test_other_departments_do_not_join(self):
        dated = report('2019-05-08', '2019-05-09', unit='市教育局')
        self.assertEqual(len(days([dated, report(None, '2019-05-10', unit='市民政局')])), 2)
        self.assertEqual(len(days([dated, report(None, '2019-05-10', unit='市教育局')])), 1)
        self.assertEqual(len(days([dated, report(None, '2019-05-10')])), 1)

    def test_left_over_reports_chain(self):
        reports = [report(None, f'2019-05-{day:02}', str(day)) for day in (1, 4, 7, 11)]
        self.assertEqual(days(reports), [('2019-04-30', 'imputed'), ('2019-05-10', 'imputed')])

    def test_without_any_date(self):
        self.assertEqual(days([report(None, None), report(None, None)]), [('', 'none')] * 2)


class Scores(unittest.TestCase):
    def test_scores(self):
        expected = Counter({('a', 'b', '1'): 1, ('a', 'b', '2'): 1, ('c', 'd', '1'): 2})
        found = Counter({('a', 'b', '1'): 1, ('b', 'a', '2'): 1, ('c', 'd', '1'): 2})
        result = rules.scores(found, expected)
        self.assertEqual(result['precision'], 0.75)
        self.assertEqual(result['recall'], 0.75)
        self.assertEqual(result['swapped'], 0.25)
        self.assertEqual(rules.weight_error(found, expected), 0.5)
        self.assertEqual(rules.weight_error(expected, expected), 0)


class Documents(unittest.TestCase):
    def document(self, **fields):
        return {'fingerprint': 'f', 'date': '2019-01-01', 'url': 'u', 'blank': False, 'words': True,
                **fields}

    def test_representative(self):
        first = self.document(url='b')
        self.assertEqual(rules.representatives([self.document(date=None, url='a'), first,
                                                self.document(url='c'),
                                                self.document(fingerprint='x', blank=True)]),
                         [first])

    def test_screen(self):
        truth = rules.Truth(os.devnull)
        truth.documents = [self.document(fingerprint=str(i), date=date, words=words)
                           for i, (date, words) in enumerate(
                               [('2009-12-31', True), ('2010-01-01', True), ('2023-12-31', True),
                                ('2024-01-01', True), (None, True), ('2015-01-01', False)])]
        self.assertEqual(len(rules.screened(truth, '2010-01-01', '2023-12-31')), 3)


class Courtesy(unittest.TestCase):
    def test_gaps(self):
        with tempfile.NamedTemporaryFile('w', suffix='.tsv') as file:
            file.write('100.000\t110.500\ta:80\tGET\t/1\t200\t5\n'
                       '130.500\t131.000\ta:90\tGET\t/1\t200\t5\n'
                       '120.000\t121.000\tb:80\tGET\t/1\t503\t5\n'
                       '120.500\t122.000\tb:80\tGET\t/1\t200\t5\n'
                       'half a li')
            file.flush()
            requests = courtesy.read_log(file.name)
        self.assertEqual(len(requests), 4)
        self.assertEqual(courtesy.violations(requests, 20, {}), [('b', -0.5, '/1')])
        self.assertEqual(len(courtesy.violations(requests, 20, {'a': 20.5})), 2)
        self.assertEqual(courtesy.repeats(requests), {('a', '/1'): 2})
        self.assertEqual(courtesy.smallest_gap(requests), -0.5)


class DemoCheck(unittest.TestCase):
    """demo_check.py on a result folder that follows from the truth, then on damaged ones."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.truth_path = os.path.join(self.folder.name, 'truth.jsonl')
        with open(self.truth_path, 'w', encoding='utf-8') as file:
            for line in self.truth_lines():
                file.write(json.dumps(line, ensure_ascii=False) + '\n')
        truth = rules.Truth(self.truth_path)
        stages = rules.funnel(truth, '2010-01-01', '2023-12-31')
        self.write('funnel.csv', ['stage', 'count'], stages.items())
        self.write('lists.csv',
                   ['site_city', 'query_city', 'declared', 'collected', 'state', 'reason'],
                   [(i['site_city'], i['query'], i['declared'], i['hits'], 'complete', '')
                    for i in truth.lists])
        self.events = sorted(rules.expected_events(truth.documents).elements())
        self.write_events(self.events)

    def tearDown(self):
        self.folder.cleanup()

    def truth_lines(self):
        yield {'type': 'meta', 'seed': 1, 'documents': 40, 'sites': 2, 'cities': ['苏州', '六安'],
               'dictionary': []}
        yield {'type': 'list', 'site': 's', 'site_city': '苏州', 'query': '六安', 'declared': 40,
               'hits': 40}
        for i in range(40):
            yield {'type': 'document', 'url': f'http://127.0.2.1:80/{i}', 'site_city': '苏州',
                   'queries': ['六安'], 'date': f'2019-{i % 12 + 1:02}-{i % 27 + 2:02}',
                   'fingerprint': str(i), 'blank': False, 'words': True, 'is_visit': True,
                   'events': [{'origin': '六安', 'host': '苏州', 'origin_unit': None,
                               'date': f'2019-{i % 12 + 1:02}-{i % 27 + 1:02}',
                               'true_date': f'2019-{i % 12 + 1:02}-{i % 27 + 1:02}'}]}

    def write(self, name, header, rows):
        with open(os.path.join(self.folder.name, name), 'w', encoding='utf-8', newline='') as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)

    def write_events(self, events):
        self.write('events.csv', ['event_id', 'origin', 'host', 'date'],
                   [(i, *event) for i, event in enumerate(events)])
        weights = Counter((origin, host) for origin, host, _ in events)
        self.write('network.csv', ['origin', 'host', 'visits', 'cooperative'],
                   [(*pair, count, 0) for pair, count in weights.items()])

    def run_check(self, *more):
        command = [sys.executable, os.path.join(HERE, 'demo_check.py'), self.folder.name,
                   self.truth_path, *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def test_right_results_pass(self):
        status, text = self.run_check()
        self.assertEqual(status, 0, text)

    def test_swapped_event_is_found(self):
        origin, host, date = self.events[0]
        self.write_events([(host, origin, date)] + self.events[1:])
        status, text = self.run_check('--verbose', '3')
        self.assertEqual(status, 1)
        self.assertIn('FAIL events swapped', text)
        self.assertIn(f'missing: {origin} {host} {date}', text)

    def test_missing_events_are_found(self):
        self.write_events(self.events[3:])
        status, text = self.run_check()
        self.assertEqual(status, 1)
        self.assertIn('FAIL events recall', text)
        self.assertIn('ok   events precision', text)

    def test_wrong_funnel_is_found(self):
        self.write('funnel.csv', ['stage', 'count'], [('lists', 1), ('hits', 39)])
        status, text = self.run_check()
        self.assertEqual(status, 1)
        self.assertIn('FAIL funnel hits: 39, truth 40', text)
        self.assertIn('FAIL funnel documents: None', text)

    def test_log_is_checked(self):
        path = os.path.join(self.folder.name, 'log.tsv')
        with open(path, 'w', encoding='utf-8') as file:
            for i in range(40):
                start = 1000 + 100 * i
                file.write(f'{start}.000\t{start + 1}.000\t127.0.2.1:80\tGET\t/{i}\t200\t9\n')
        self.assertEqual(self.run_check('--log', path)[0], 0)
        self.assertEqual(self.run_check('--log', path, '--delay-ms', '100')[0], 1)
        with open(path, 'a', encoding='utf-8') as file:
            file.write('9000.000\t9001.000\t127.0.2.1:80\tGET\t/3\t200\t9\n')
        status, text = self.run_check('--log', path)
        self.assertIn('FAIL no document fetched twice: 1 repeated', text)
        self.assertEqual(status, 1)
        self.assertEqual(self.run_check('--log', path, '--repeats')[0], 0)


if __name__ == '__main__':
    unittest.main()
