"""The contract's counting rules, written a second time: what the truth must add up to.

Everything here works on the lines that `xunfang-sites --truth` prints (tests/sites/truth.h)."""
import datetime
import json
from collections import Counter, defaultdict

USUAL_LAG = 1
BEFORE, AFTER = 7, 1  # an imputed report joins an event from 7 days before to 1 day after it
CHAIN = 3


def day_of(text):
    return datetime.date.fromisoformat(text).toordinal() if text else None


def text_of(day):
    return datetime.date.fromordinal(day).isoformat() if day is not None else ''


class Truth:
    def __init__(self, path):
        self.meta, self.lists, self.documents, self.dead_ends = None, [], [], []
        with open(path, encoding='utf-8') as file:
            for line in file:
                item = json.loads(line)
                kind = item.pop('type')
                if kind == 'meta':
                    self.meta = item
                elif kind == 'list':
                    self.lists.append(item)
                elif kind == 'document':
                    self.documents.append(item)
                else:
                    self.dead_ends.append(item)


def representatives(documents):
    """One document for each text: earliest publish date (none last), then smallest URL."""
    groups = defaultdict(list)
    for document in documents:
        if not document['blank']:
            groups[document['fingerprint']].append(document)
    return [min(group, key=lambda d: (d['date'] is None, d['date'] or '', d['url']))
            for group in groups.values()]


def screened(truth, first, last):
    return [d for d in representatives(truth.documents)
            if d['words'] and (d['date'] is None or first <= d['date'] <= last)]


def funnel(truth, first, last):
    """The stages that do not depend on how well texts are read."""
    return {'lists': len(truth.lists),
            'hits': sum(item['hits'] for item in truth.lists),
            'documents': len(representatives(truth.documents)),
            'screened': len(screened(truth, first, last))}


def reports_by_pair(documents):
    """(origin, host) → reports as (day, publish day, url, unit)."""
    pairs = defaultdict(list)
    for document in documents:
        for event in document['events']:
            pairs[event['origin'], event['host']].append(
                (day_of(event['date']), day_of(document['date']), document['url'],
                 event['origin_unit']))
    return pairs


def fits(event_units, unit):
    return unit is None or None in event_units or unit in event_units


def cluster(reports):
    """The contract's events of one directed pair: a list of [day or None, source]."""
    dated = defaultdict(set)
    for day, _, _, unit in reports:
        if day is not None:
            dated[day].add(unit)
    events = [[day, 'text'] for day in sorted(dated)]
    undated = sorted((r for r in reports if r[0] is None), key=lambda r: (r[1] or 0, r[2]))
    chain = None
    for _, published, _, unit in undated:
        if published is None:
            events.append([None, 'none'])
            continue
        imputed = published - USUAL_LAG
        near = [day for day in dated if published - BEFORE <= day <= published + AFTER
                and fits(dated[day], unit)]
        if near:
            dated[min(near, key=lambda day: (abs(day - imputed), day))].add(unit)
        elif chain is not None and published - chain <= CHAIN:
            chain = published
        else:
            chain = published
            events.append([imputed, 'imputed'])
    return events


def expected_events(documents):
    """Counter of (origin, host, date text) by the contract's rules."""
    events = Counter()
    for (origin, host), reports in reports_by_pair(documents).items():
        for day, _ in cluster(reports):
            events[origin, host, text_of(day)] += 1
    return events


def true_events(documents):
    """What really happened and was reported: distinct (origin, host, true day)."""
    return {(e['origin'], e['host'], e['true_date']) for d in documents for e in d['events']}


def links(events):
    weights = Counter()
    for (origin, host, _), count in events.items():
        weights[origin, host] += count
    return weights


def weight_error(found, expected):
    """Σ|ΔW| / ΣW over all directed pairs."""
    a, b = links(found), links(expected)
    difference = sum(abs(a[pair] - b[pair]) for pair in set(a) | set(b))
    return difference / max(1, sum(b.values()))


def scores(found, expected):
    """Precision and recall over events, and the share of found ones with the cities swapped."""
    right = sum((found & expected).values())
    total, wanted = sum(found.values()), sum(expected.values())
    wrong = found - expected
    swapped = sum(min(count, expected[host, origin, date])
                  for (origin, host, date), count in wrong.items())
    return {'precision': right / max(1, total), 'recall': right / max(1, wanted),
            'swapped': swapped / max(1, total), 'found': total, 'expected': wanted}
