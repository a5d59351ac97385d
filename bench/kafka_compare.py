#!/usr/bin/env python3
"""How much of librdkafka's own speed the Kafka bus leaves, on a broker started for it.

usage: kafka_compare.py BUILD [--example PATH] [--brokers N] [--records N] [--bytes N]

BUILD has kafka_bench (ninja kafka_bench) and gets Kafka's jars. PATH is librdkafka's performance
example, built from the sources of the installed version (2.0.2) and linked to the same library:

    cd librdkafka/examples
    cc -O2 -I/usr/include/librdkafka -I../src -o /tmp/rdkafka_performance rdkafka_performance.c \\
       -lrdkafka -lpthread -lm

(It includes librdkafka's config.h; run its ./configure first.) Exit 77 without Kafka.
"""
import argparse
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SKIP = 77


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('build')
    parser.add_argument('--example')
    parser.add_argument('--brokers', default='1')
    parser.add_argument('--records', default='200000')
    parser.add_argument('--bytes', default='2700')
    options = parser.parse_args()
    brokers = subprocess.Popen(
        [sys.executable, os.path.join(HERE, '..', 'tests', 'kafka', 'brokers.py'),
         '--jars', os.path.join(options.build, 'kafka'), '--brokers', options.brokers],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ready = brokers.stdout.readline().split()
    if not ready:
        sys.exit(brokers.wait())
    words = [os.path.join(options.build, 'bench', 'kafka_bench'), ready[1], options.records,
             options.bytes, *([options.example] if options.example else [])]
    code = subprocess.run(words).returncode
    brokers.stdin.close()
    brokers.wait()
    return code


if __name__ == '__main__':
    sys.exit(main())
