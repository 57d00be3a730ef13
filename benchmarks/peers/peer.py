"""Steps of one framework, driven line by line over stdin and stdout, so that those of several can take turns.

  {"load": <file.safetensors>, "setting": {..}} -> {"version", "loss", "compileMs", "compileCpuMs"} after a first step
  {"steps": <n>}                                -> {"losses", "ms", "cpuMs"}, a number a step

The file holds parameters `p/<name>` and feeds `f/<name>`. Usage: peer.py torch | torch-compiled | jax
"""

import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import numpy as np  # noqa: E402


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    arrays = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        arrays[name] = np.frombuffer(data[start:end], np.float32).reshape(entry["shape"])
    return arrays


def load(framework, path, setting):
    arrays = read_safetensors(path)
    parameters, feeds = ({name[2:]: a for name, a in arrays.items() if name.startswith(kind)} for kind in ("p/", "f/"))
    for name in ("down", "across"):
        if name in feeds:
            feeds[name] = feeds[name].astype(np.int64)
    if framework == "jax":
        from jax_peer import stepper

        return stepper(setting, parameters, feeds)
    from torch_peer import stepper

    return stepper(setting, parameters, feeds, compiled=framework == "torch-compiled")


def timed(action):
    began, used = time.perf_counter(), time.process_time()
    result = action()
    return result, 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)


def main(framework):
    step = None
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if "load" in order:
                step, version = load(framework, order["load"], order["setting"])
                loss, ms, cpu = timed(step)
                answer = {"version": version, "loss": loss, "compileMs": ms, "compileCpuMs": cpu}
            else:
                runs = [timed(step) for _ in range(order["steps"])]
                losses, ms, cpu = zip(*runs)
                answer = {"losses": losses, "ms": ms, "cpuMs": cpu}
        except Exception as error:  # said to whoever drives, who goes on with the others
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main(sys.argv[1])
