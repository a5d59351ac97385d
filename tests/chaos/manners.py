"""I4 and I5 from the sites' own log of requests, and what was sent twice (I3)."""
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict, namedtuple
from urllib.parse import urlsplit

Request = namedtuple('Request', 'start end host method target status')
# A crawler was stopped from `start` to `end`, wall clock in ms.
Stop = namedtuple('Stop', 'start end name')

AGENT = 'xunfang'
GRACE_MS = 3000  # a woken process sends what it was about to send within this


def read_log(path, start=0):
    """Requests from byte `start` of the log, and the byte behind the last whole line."""
    requests = []
    with open(path, 'rb') as file:
        file.seek(start)
        data = file.read()
    whole = data[:data.rfind(b'\n') + 1]
    for line in whole.decode('utf-8', 'replace').splitlines():
        fields = line.split('\t')
        if len(fields) == 7:
            requests.append(Request(float(fields[0]), float(fields[1]), fields[2].split(':')[0],
                                    fields[3], fields[4], int(fields[5])))
    return requests, start + len(whole)


# ---- robots.txt, RFC 9309 ----

class Robots:
    """The rules of one origin for us, by what it answers."""

    def __init__(self, text):
        self.rules, self.delay_ms = [], 0
        groups = self._groups(text.lstrip('\ufeff'))
        for name, value in groups.get(AGENT, groups.get('*', [])):
            if name == 'crawl-delay':
                self.delay_ms = float(value) * 1000
            elif value:
                self.rules.append((name == 'allow', value))

    @staticmethod
    def _groups(text):
        """agent → its lines."""
        groups, agents, fresh = defaultdict(list), [], True
        for line in text.splitlines():
            name, colon, value = line.partition('#')[0].partition(':')
            name, value = name.strip().lower(), value.strip()
            if not colon:
                continue
            if name == 'user-agent':
                agents = [*([] if fresh else agents), value.lower()]
                fresh = False
                groups.setdefault(value.lower(), [])
            elif name in ('allow', 'disallow', 'crawl-delay'):
                fresh = True
                for agent in agents:
                    groups[agent].append((name, value))
        return groups

    def allows(self, target):
        longest, allowed = -1, True
        for allow, pattern in self.rules:
            if _matches(pattern, target) and (len(pattern), allow) > (longest, allowed):
                longest, allowed = len(pattern), allow
        return allowed


def _matches(pattern, target):
    anchored = pattern.endswith('$')
    parts = pattern.rstrip('$').split('*')
    if not target.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:]:
        found = target.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not anchored or at == len(target) or (len(parts) > 1 and target.endswith(parts[-1]))


def fetch_robots(origins):
    """host → Robots, asked of the sites themselves."""
    found = {}
    for origin in origins:
        try:
            with urllib.request.urlopen(origin + '/robots.txt', timeout=10) as answer:
                text = answer.read().decode('utf-8', 'replace')
        except urllib.error.HTTPError:
            text = ''
        found[urlsplit(origin).hostname] = Robots(text)
        time.sleep(0.005)
    return found


# ---- I4 ----

def short_intervals(requests, delay_ms, robots):
    """(request, ms since the end of the one before) of those that came before their time."""
    by_host = defaultdict(list)
    for request in requests:
        by_host[request.host].append(request)
    early = []
    for host, items in by_host.items():
        delay = max(delay_ms, robots[host].delay_ms if host in robots else 0)
        items.sort()
        latest = None
        for request in items:
            if latest is not None and request.start - latest < delay:
                early.append((request, request.start - latest))
            latest = request.end if latest is None else max(latest, request.end)
    return sorted(early)


def check_courtesy(requests, rules, stops, findings):
    """`rules`: (delay in ms, host → Robots). Each stop excuses one short interval."""
    delay_ms, robots = rules
    left = list(stops)
    excused = 0
    for request, gap in short_intervals(requests, delay_ms, robots):
        stop = next((s for s in left if s.start <= request.start <= s.end + GRACE_MS), None)
        if stop is None:
            findings.add('I4', f'{request.host} asked for {request.target} at '
                         f'{request.start:.3f}, {gap:.3f} ms after the request before')
        else:
            left.remove(stop)
            excused += 1
    return excused


# ---- I5 ----

def check_places(requests, hosts, robots, findings):
    for request in requests:
        if request.host not in hosts:
            findings.add('I5', f'{request.host} is no host of the job: {request.target}')
        elif not robots[request.host].allows(request.target):
            findings.add('I5', f'{request.host} disallows {request.target}')


# ---- I3 ----

def _target(request):
    parts = urlsplit(request.url)
    return parts.hostname, request.method, (parts.path or '/') + ('?' + parts.query
                                                                 if parts.query else '')


def leased(entries):
    """(host, method, target) → how often it was leased."""
    counts = Counter()
    for entry in entries:
        counts.update(_target(item.request) for item in entry.message.items)
    return counts


def check_sends(requests, allowed, findings):
    """A lease allows each of its requests once; nothing else is sent."""
    for place, count in Counter((r.host, r.method, r.target) for r in requests).items():
        if count > allowed[place]:
            findings.add('I3', f'{" ".join(place)} came {count} times and was leased '
                         f'{allowed[place]} times')


def check_answered(requests, job, findings):
    """Whatever a result says was sent, the server has seen."""
    seen = {(r.host, r.method, r.target) for r in requests}
    for key, sent in job.sends.items():
        entry, fetch = sent[0]
        if fetch.http_status and _target(fetch.request) not in seen:
            findings.add('I3', f'{key.hex()} was never asked for at the server', entry)
