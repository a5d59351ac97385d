#!/usr/bin/env python3
"""Checks one job of a cluster from outside: Kafka's logs, the sites' log of requests, samples.

usage: check.py --bus URL --job NAME [--run NAME] [--requests FILE] [--robots] [--evidence FILE]
       check.py --evidence FILE …          what chaos.py kept of a round

Reads the logs with a Kafka client of its own and decodes them with what protoc makes of proto/;
nothing of the product runs here. Findings name the invariant and topic/partition@offset and id of
a record; exit 1 if there are any, 77 without the Python packages.

I1 what was acknowledged is there   I2 nothing gets lost   I3 one effect   I4 courtesy
I5 the job's hosts and robots.txt   I6 progress   I7 bounds   I8 committed offsets
"""
import argparse
import os
import re
import shutil
import sys
import tempfile

DEBIAN_PYTHON = '/usr/bin/python3'
SKIPPED = 77


def need_packages():
    """Debian's packages are seen by Debian's Python only: go on there, or end as skipped."""
    try:
        import confluent_kafka  # noqa: F401 pylint: disable=unused-import
        import google.protobuf  # noqa: F401 pylint: disable=unused-import
    except ImportError:
        if os.access(DEBIAN_PYTHON, os.X_OK) and 'CHAOS_PYTHON' not in os.environ:
            os.environ['CHAOS_PYTHON'] = 'debian'
            os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])
        print('skipped: no python3-confluent-kafka and python3-protobuf')
        sys.exit(SKIPPED)
    if shutil.which('protoc') is None:
        print('skipped: no protoc')
        sys.exit(SKIPPED)


need_packages()
import bounds
import manners
import records
from evidence import Evidence
from job import Findings, Job
from logs import NAMES, Cluster
from wire import Wire

SITE = re.compile(rb'(https?://([^/"\s,}:]+)(?::\d+)?)')
DELAY = re.compile(rb'^\s*delay:\s*(\d+)\s*(ms|s)\b', re.M)


def origins(job):
    """Origins of the sites that the job's files name: host → origin."""
    found = {}
    for file in job.submitted.files if job.submitted else ():
        for origin, host in SITE.findall(file.content):
            found.setdefault(host.decode(), origin.decode())
    return found


def delay_ms(job):
    match = DELAY.search(job.submitted.files[0].content) if job.submitted else None
    return int(match[1]) * (1000 if match[2] == b's' else 1) if match else 0


def check_requests(job, evidence, findings):
    hosts = set(origins(job))
    rules = delay_ms(job), evidence.robots
    excused = manners.check_courtesy(evidence.earlier + evidence.requests, rules, evidence.stops,
                                     findings)
    if evidence.robots:
        manners.check_places(evidence.requests, hosts, evidence.robots, findings)
    allowed = evidence.leased_before + manners.leased(job.all_leases)
    manners.check_sends(evidence.requests, allowed, findings)
    manners.check_answered(evidence.requests, job, findings)
    return excused


def check(wire, evidence, name, run='main'):
    """Findings, the Job, and figures of a round."""
    findings = Findings()
    job = Job(wire, evidence.logs, name, run)
    records.check_all(job, evidence.logs, set(origins(job)), findings)
    figures = records.summary(job)
    if evidence.seen is not None:
        records.check_seen(evidence.seen, evidence.logs, findings)
    if evidence.requests is not None:
        figures['sent'] = len(evidence.requests)
        figures['excused'] = check_requests(job, evidence, findings)
    if evidence.samples:
        bounds.check_commits(job, evidence.logs, evidence.samples, findings)
    if evidence.faults_end_ms is not None:
        figures.update(bounds.check_progress(job, evidence.logs, evidence.faults_end_ms, findings))
    if evidence.processes:
        figures['peaks'] = bounds.check_resources(evidence.processes, findings)
    if evidence.disks:
        figures.update(bounds.check_disks(evidence.disks, findings))
    return findings, job, figures


def read_cluster(given, wire):
    cluster = Cluster(given.bus)
    wanted = (*NAMES, f'{given.job}.pages', f'{given.job}.answers')
    partitions = cluster.partitions(
        lambda topic: topic in wanted or topic.startswith(f'{given.job}.{given.run}.'))
    evidence = Evidence(cluster.read({(topic, partition): 0 for topic, count in partitions.items()
                                      for partition in range(count)}))
    if given.requests is not None:
        evidence.requests = manners.read_log(given.requests)[0]
    if given.robots:
        job = Job(wire, evidence.logs, given.job, given.run)
        evidence.robots = manners.fetch_robots(origins(job).values())
    cluster.close()
    return evidence


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--bus')
    parser.add_argument('--job', required=True)
    parser.add_argument('--run', default='main')
    parser.add_argument('--requests', help='the sites\' log of requests, of this job alone')
    parser.add_argument('--robots', action='store_true', help='ask the sites for robots.txt')
    parser.add_argument('--evidence', help='written with --bus, read without')
    parser.add_argument('--generated', help='folder for what protoc makes')
    given = parser.parse_args()
    if given.bus is None and given.evidence is None:
        parser.error('--bus or --evidence')
    folder = given.generated or tempfile.mkdtemp(prefix='xunfang-check-')
    try:
        wire = Wire(folder)
        if given.bus is None:
            evidence = Evidence.load(given.evidence)
        else:
            evidence = read_cluster(given, wire)
            if given.evidence:
                evidence.save(given.evidence)
        findings, _, figures = check(wire, evidence, given.job, given.run)
    finally:
        if given.generated is None:
            shutil.rmtree(folder, ignore_errors=True)
    for line in findings.lines():
        print(line)
    print(', '.join(f'{name} {value}' for name, value in figures.items() if name != 'peaks'))
    sys.exit(1 if findings.count() else 0)


if __name__ == '__main__':
    main()
