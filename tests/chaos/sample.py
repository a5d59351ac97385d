"""A small job as its logs would tell it, without fault: what check_test.py breaks, once a time.

One host, two lists, five articles; leases of two requests, the second lost and given again.
"""
from evidence import Evidence
from logs import Logs
from manners import Request, Robots
from wire import DROPPED, PASSED, request_id

JOB, RUN, HOST, DELAY_MS = 'small', 'main', '10.0.0.1', 20
PARTITIONS = 2
T0 = 1_700_000_000_000


class Sample:
    def __init__(self, wire):
        self.wire = wire
        self.logs = Logs()
        self.now = T0
        self.requests = []
        for topic, count in (('urls', 1), ('leases', 1), ('control', 1), (f'{JOB}.pages', 2),
                             (f'{JOB}.{RUN}.documents', 2), (f'{JOB}.{RUN}.visits', 2),
                             (f'{JOB}.{RUN}.reports', 2)):
            self.logs.topics[topic] = {partition: [] for partition in range(count)}
        self.make()
        for topic, partitions in self.logs.topics.items():
            for partition, items in partitions.items():
                self.logs.low[topic, partition] = 0
                self.logs.high[topic, partition] = len(items)

    # ---- writing ----

    def put(self, topic, key, message, **fields):
        """Appends a record; its place."""
        partitions = self.logs.topics[topic]
        partition = key[0] % len(partitions)
        envelope = self.wire.envelope(id=fields.pop('id', key), key=key, job=JOB, schema=1,
                                      payload=message.SerializeToString(),
                                      outcome=fields.pop('outcome', 0),
                                      reason=fields.pop('reason', ''))
        for source in fields.pop('sources', ()):
            envelope.sources.add(topic=source[0], partition=source[1], offset=source[2])
        items = partitions[partition]
        self.now += 1
        items.append((len(items), key, envelope.SerializeToString(), self.now))
        return topic, partition, len(items) - 1

    def request(self, target, kind):
        return self.wire.message('url', 'Request')(method='GET', url=f'http://{HOST}{target}',
                                                   kind=kind)

    def control(self, **kind):
        self.put('control', b'control', self.wire.message('control', 'ControlRecord')(**kind))

    def url(self, record_id, **kind):
        return self.put('urls', HOST.encode(), self.wire.message('url', 'UrlRecord')(**kind),
                        id=record_id)

    def link(self, request, parent=b''):
        self.url(request_id(request), link={'request': request, 'parent': parent})

    def lease(self, name, requests):
        lease = self.wire.message('lease', 'Lease')(
            id=name, job=JOB, run=RUN, host=HOST, delay_ms=DELAY_MS, not_before_ms=self.now,
            expires_ms=self.now + 10000, request_timeout_ms=1000)
        for request in requests:
            lease.items.add(request_id=request_id(request), request=request)
        self.put('leases', HOST.encode(), lease, id=name)

    def send(self, request, status=200):
        """At the server; start and end."""
        self.now += 30
        target = request.url.removeprefix(f'http://{HOST}')
        self.requests.append(Request(self.now + .1, self.now + 5.2, HOST, 'GET', target, status))
        self.now += 6
        return self.now - 6, self.now

    def fetched(self, request, **more):
        sent, ended = self.send(request)
        return self.wire.message('url', 'FetchResult')(
            request_id=request_id(request), request=request, http_status=200, sent_ms=sent,
            ended_ms=ended, **more)

    def page(self, request):
        return self.put(f'{JOB}.pages', request_id(request),
                        self.wire.message('page', 'Page')(request=request, http_status=200))

    # ---- the story ----

    def make(self):
        job_file = {'name': 'small.yaml', 'content': f'delay: {DELAY_MS}ms\n'.encode()}
        region = {'name': 'region.yaml', 'content': f'site: "http://{HOST}"'.encode()}
        self.control(submitted={'job': JOB, 'run': RUN, 'files': [job_file, region],
                                'partitions': PARTITIONS})
        lists = [self.request(f'/search?q={n}', 1) for n in range(2)]
        articles = [self.request(f'/art/{n}.html', 0) for n in range(5)]
        for one in lists:
            self.link(one)
        self.control(seeded={'job': JOB, 'run': RUN, 'seeds': 2})
        self.crawl_lists(lists, articles)
        self.lease(b'lease-lost-00000', articles[:2])
        self.send(articles[0], status=0)  # the crawler died: nobody was told
        self.crawl_articles(b'lease-again-0000', articles[:2])
        self.crawl_articles(b'lease-more-00000', articles[2:])
        ends = [{'topic': topic, 'ends': [len(items) for _, items in sorted(parts.items())]}
                for topic, parts in self.logs.topics.items()
                if topic == 'urls' or topic.endswith(('documents', 'reports'))]
        self.control(sealed={'job': JOB, 'run': RUN, 'ranges': ends, 'state': 'complete'})

    def crawl_lists(self, lists, articles):
        next_page = self.request('/search?q=1&page=2', 1)
        self.lease(b'lease-lists-0000', lists)
        fetches = []
        for one, hits in ((lists[0], articles[:2]), (lists[1], articles[1:])):
            fetch = self.fetched(one)
            self.page(one)
            for rank, hit in enumerate(hits):
                fetch.hits.add(rank=rank, url=hit.url, request_id=request_id(hit))
            fetches.append(fetch)
        fetches[1].links.add(request=next_page)
        self.url(b'result-lists-000', result={'lease': b'lease-lists-0000', 'fetches': fetches})
        for one in articles:
            self.link(one, parent=request_id(lists[0]))
        self.url(b'verdict-00000000', verdict={'request_id': request_id(next_page), 'reason': 3,
                                               'request': next_page})

    def crawl_articles(self, lease, articles):
        self.lease(lease, articles)
        fetches = []
        for article in articles:
            fetches.append(self.fetched(article))
            self.process(article, self.page(article))
        self.url(b'r' + lease[1:], result={'lease': lease, 'fetches': fetches})

    def process(self, article, page):
        key = request_id(article)
        brief = {'url': article.url, 'title': 'a visit'}
        document = self.put(f'{JOB}.{RUN}.documents', key, self.wire.message(
            'document', 'Document')(brief=brief, body='text'), outcome=PASSED, sources=[page])
        visit = self.put(f'{JOB}.{RUN}.visits', key, self.wire.message('document', 'Visit')(
            brief=brief), outcome=PASSED, sources=[page, document])
        self.put(f'{JOB}.{RUN}.reports', key, self.wire.message('document', 'Report')(
            brief=brief), outcome=DROPPED, reason='no event', sources=[page, document, visit])

    # ---- what else is known ----

    def evidence(self):
        evidence = Evidence(self.logs)
        evidence.requests = self.requests
        evidence.robots = {HOST: Robots('User-agent: *\nDisallow: /admin/\n')}
        evidence.seen = self.logs
        evidence.samples = [self.sample(.5), self.sample(1)]
        evidence.processes = [{'time': 0, 'processes': {
            'xunfang-crawler': {'rss_mb': 30, 'fds': 20, 'threads': 6}}}]
        evidence.faults_end_ms = T0
        return evidence

    def sample(self, share):
        """Commits when this share of every log was there, all of it done."""
        ends = {place: int(high * share) for place, high in self.logs.high.items()}
        everything = dict(self.logs.high)
        commits = {('frontier', 'urls', 0): ends['urls', 0],
                   ('crawler', 'leases', 0): self.logs.high['leases', 0]}
        for stage, kind in (('classifier', 'documents'), ('extractor', 'visits')):
            for partition in range(PARTITIONS):
                topic = f'{JOB}.{RUN}.{kind}'
                commits[f'{stage}.{JOB}.{RUN}', topic, partition] = ends[topic, partition]
        return {'time': share, 'before': {('urls', 0): ends['urls', 0]}, 'commits': commits,
                'after': everything}
