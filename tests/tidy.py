#!/usr/bin/env python3
"""Style as a test: the measurable part of CONTRIBUTING.md.

usage: tidy.py ROOT      prints one line a finding, exit 1 if there is any
"""
import json
import os
import re
import subprocess
import sys

MAX_LINE, MAX_FILE, MAX_FUNCTION, MAX_ARGUMENTS = 100, 500, 70, 5
PRODUCT = ('base', 'study', 'crawler', 'classifier', 'extractor', 'aggregator', 'cli')
SOURCES = PRODUCT + ('tests', 'bench')
BANNED = ('strcpy', 'strcat', 'sprintf', 'vsprintf', 'atoi', 'atol', 'strtok', 'localtime', 'gets',
          'scanf', 'sscanf', 'alloca', 'system', 'rand', 'setjmp')

# Who may include whom, by the first folder of the include.
DIRECTION = {
    'base': {'base', 'proto'},
    'study': {'base', 'proto', 'study'},
    'crawler': {'base', 'proto', 'study', 'crawler'},
    'classifier': {'base', 'proto', 'study', 'classifier'},
    'extractor': {'base', 'proto', 'study', 'extractor'},
    'aggregator': {'base', 'proto', 'study', 'aggregator'},
    'cli': {'base', 'proto', 'study', 'cli'},
}
BASE_PROTO = {'proto/envelope.pb-c.h', 'proto/bus.pb-c.h', 'proto/answer.pb-c.h'}

# Third-party headers and how many product files may include each.
THIRD_PARTY = {'rocksdb/c.h': 1, 'zmq.h': 2, 'microhttpd.h': 1, 'yaml.h': 1, 'jansson.h': 2,
               'librdkafka/rdkafka.h': 2, 'curl/curl.h': 2, 'hs/hs.h': 1, 'hs.h': 1, 'jq.h': 1,
               'linear.h': 1, 'sqlite3.h': 1, 'openssl/evp.h': 1}

findings = []


def report(path, line, text):
    findings.append(f'{path}:{line}: {text}')


def tracked(root):
    command = ['git', '-C', root, 'ls-files', '--cached', '--others', '--exclude-standard']
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split('\n')
    return [n for n in names if n and os.path.exists(os.path.join(root, n))]


def without_comments_and_strings(text):
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def width(line):
    """Columns: a CJK character takes one here, as an editor's counter says."""
    return len(line.expandtabs(4))


def check_text(name, text):
    lines = text.split('\n')
    if len(lines) - 1 > MAX_FILE:
        report(name, len(lines) - 1, f'file has {len(lines) - 1} lines, at most {MAX_FILE}')
    for number, line in enumerate(lines, 1):
        if width(line) > MAX_LINE:
            report(name, number, f'{width(line)} columns, at most {MAX_LINE}')
        if line != line.rstrip():
            report(name, number, 'white space at the end')
        if re.search(r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b(?!\(#\d+\))', line):
            report(name, number, 'to do, without an issue number')


def check_calls(name, text):
    code = without_comments_and_strings(text)
    for match in re.finditer(r'\b(' + '|'.join(BANNED) + r')\s*\(', code):
        report(name, code.count('\n', 0, match.start()) + 1, f'{match.group(1)} is banned')


def check_includes(name, text, users):
    folder = name.split('/')[0]
    for number, line in enumerate(text.split('\n'), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not match:
            continue
        kind, header = match.groups()
        if kind == '<' and folder in PRODUCT and header in THIRD_PARTY:
            users.setdefault(header, []).append(name)
        if kind == '"' and folder in DIRECTION:
            target = header.split('/')[0]
            if '/' not in header or target not in DIRECTION[folder]:
                report(name, number, f'{folder} must not include {header}')
            if folder == 'base' and target == 'proto' and header not in BASE_PROTO:
                report(name, number, f'base must not know {header}')


def check_headers(names):
    headers = {n for n in names if n.endswith('.h')}
    sources = [n for n in names if n.endswith('.c') and n.split('/')[0] in PRODUCT]
    for name in sources:
        stem = name[:-2]
        backend = re.search(r'/(bus|store|llm|http)_\w+$', stem)
        if stem + '.h' in headers or stem.endswith('main') or backend:
            continue
        # A part of a module: worker_map.c beside worker.h or worker_private.h.
        parts = os.path.basename(stem).split('_')
        folder = os.path.dirname(stem)
        owners = {f'{folder}/{"_".join(parts[:i])}{end}.h' for i in range(1, len(parts))
                  for end in ('', '_private', '_parts', '_internal')}
        if not owners & headers:
            report(name, 1, 'has no header of its own')
    for name in sorted(headers):
        if name.split('/')[0] in PRODUCT and '#ifndef XUNFANG_' not in open(name).read():
            report(name, 1, 'has no XUNFANG_ include guard')


def check_functions(names):
    command = ['ctags', '--output-format=json', '--languages=C', '--langmap=C:.c', '--kinds-C=f',
               '--fields=+neS', '-L', '-', '-f', '-']
    tags = subprocess.run(command, input='\n'.join(names), capture_output=True, text=True,
                          check=True).stdout
    for line in tags.splitlines():
        tag = json.loads(line)
        if tag.get('_type') != 'tag' or 'end' not in tag:
            continue
        size = tag['end'] - tag['line'] + 1
        if size > MAX_FUNCTION:
            report(tag['path'], tag['line'], f'{tag["name"]} has {size} lines')
        signature = re.sub(r'\([^()]*\)\s*\([^()]*\)', 'callback', tag.get('signature', '')[1:-1])
        arguments = [a for a in signature.split(',') if a.strip() not in ('', 'void')]
        callback = tag['name'].startswith('on_')  # its shape is the library's
        if len(arguments) > MAX_ARGUMENTS and not callback and tag['path'].split('/')[0] in PRODUCT:
            report(tag['path'], tag['line'], f'{tag["name"]} takes {len(arguments)} arguments')


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.chdir(sys.argv[1])
    names = [n for n in tracked('.') if n.split('/')[0] in SOURCES]
    code = [n for n in names if n.endswith(('.c', '.h'))]
    users = {}
    for name in code:
        with open(name, encoding='utf-8') as file:
            text = file.read()
        check_text(name, text)
        check_calls(name, text)
        check_includes(name, text, users)
    for name in names:
        if name.endswith('.py'):
            with open(name, encoding='utf-8') as file:
                check_text(name, file.read())
    for header, files in users.items():
        if len(files) > THIRD_PARTY[header]:
            report(files[-1], 1, f'{header} is included by {", ".join(files)}')
    check_headers(code)
    check_functions([n for n in code if n.endswith('.c')])
    print('\n'.join(sorted(findings)) or f'{len(code)} C files: no findings')
    sys.exit(1 if findings else 0)


if __name__ == '__main__':
    main()
