"""The simulator from outside: lists, articles and faults through sockets against its own truth.

usage: sites_test.py [--build DIR]
"""
import argparse
import gzip
import http.client
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import courtesy
import rules
from support import ROOT, Checks, add_build_option, folder, sites, write_truth

PORT = 18092


class Client:
    """One kept-alive connection to one site."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, PORT, timeout=10)

    def ask(self, method, target, body=None):
        self.connection.request(method, target, body)
        answer = self.connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def check_lists(checks, truth):
    """The pages of lists of 铜陵 (a JSON body) add up to the truth."""
    wanted = {item['query']: item['hits'] for item in truth.lists if item['site_city'] == '铜陵'}
    client = Client('127.0.2.32')
    for query, hits in sorted(wanted.items())[:8]:
        found, page = set(), 1
        while True:
            body = json.dumps({'searchWord': query, 'pageNo': page, 'pageSize': 16})
            _, _, answer = client.ask('POST', '/irs/front/search', body)
            rows = json.loads(answer)['data']['middle']['listAndBox']
            if not rows:
                break
            found |= {row['data']['url'] for row in rows}
            page += 1
        checks.check(f'list of 铜陵 for {query}', len(found) == hits, f'{len(found)} of {hits}')


def check_gbk(checks, truth):
    hits, city = max((item['hits'], item['query']) for item in truth.lists
                     if item['site_city'] == '扬州')
    word = urllib.parse.quote(city.encode('gbk'))
    status, _, body = Client('127.0.2.11').ask('GET', f'/was5/web/search?searchword={word}&page=1')
    checks.check('GBK list', status == 200 and
                 body.decode('gbk').count('<li>') == min(10, hits), f'{city} {hits}')


def check_documents(checks, truth):
    bad = 0
    clients = {}
    for document in truth.documents[:400]:
        url = urllib.parse.urlsplit(document['url'])
        client = clients.setdefault(url.hostname, Client(url.hostname))
        status, headers, body = client.ask('GET', url.path)
        charset = 'utf-8' if 'utf-8' in headers['Content-Type'] else 'gb18030'
        bad += status != 200 or document['title'] not in body.decode(charset)
    checks.check('documents', bad == 0, f'{bad} wrong')
    for item in truth.dead_ends:
        url = urllib.parse.urlsplit(item['url'])
        if item['answer'] == 'moved':
            status, headers, _ = clients.setdefault(url.hostname, Client(url.hostname)).ask(
                'GET', url.path)
            checks.check('moved', status == 301 and item['target'].endswith(headers['Location']))
            break


def check_faults(checks, build, where):
    truth_path = os.path.join(where, 'faults.jsonl')
    serve = ['--documents', 300, '--port', PORT, '--faults']
    write_truth(build, truth_path, *serve)
    urls = [urllib.parse.urlsplit(item['url']) for item in rules.Truth(truth_path).dead_ends
            if item['answer'] == 'fault']
    checks.check('lasting faults', len(urls) == 6, len(urls))
    with sites(build, *serve):
        status, headers, body = Client(urls[1].hostname).ask('GET', urls[1].path)
        checks.check('gzip bomb', headers.get('Content-Encoding') == 'gzip' and
                     len(gzip.decompress(body)) > 60e6, f'{len(body)} bytes')
        client = Client(urls[0].hostname)
        client.connection.request('GET', urls[0].path)
        length = int(client.connection.getresponse().getheader('Content-Length'))
        checks.check('huge page', length > 200e6, length)
        try:
            Client(urls[3].hostname).ask('GET', urls[3].path)
            checks.check('reset', False)
        except ConnectionError:
            checks.check('reset', True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_build_option(parser)
    given = parser.parse_args()
    build = os.path.join(ROOT, given.build)
    checks = Checks()
    with folder(given.keep) as where:
        truth_path, log = os.path.join(where, 'truth.jsonl'), os.path.join(where, 'log.tsv')
        serve = ['--documents', 3000, '--port', PORT]
        write_truth(build, truth_path, *serve)
        truth = rules.Truth(truth_path)
        with sites(build, *serve, '--log', log):
            check_lists(checks, truth)
            check_gbk(checks, truth)
            check_documents(checks, truth)
        requests = courtesy.read_log(log)
        checks.check('request log', len(requests) > 400 and courtesy.smallest_gap(requests) >= 0,
                     f'{len(requests)} lines, smallest gap {courtesy.smallest_gap(requests)} ms')
        check_faults(checks, build, where)
    sys.exit(checks.finish())


if __name__ == '__main__':
    main()
