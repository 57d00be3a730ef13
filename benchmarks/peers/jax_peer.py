"""One training step in JAX, compiled as a whole, its loop over time a scan."""

import jax
import jax.numpy as jnp

from networks import networks

jax.config.update("jax_platforms", "cpu")


class ops:
    channels = -1
    relu, tanh, sigmoid, exp, sqrt, rsqrt = jax.nn.relu, jnp.tanh, jax.nn.sigmoid, jnp.exp, jnp.sqrt, jax.lax.rsqrt
    zeros, complex = jnp.zeros, jax.lax.complex
    concat = staticmethod(lambda parts, axis: jnp.concatenate(parts, axis))
    split = staticmethod(lambda x, parts, axis: jnp.split(x, parts, axis))
    transpose = staticmethod(lambda x, axes: x.transpose(axes))
    swap = staticmethod(lambda x: jnp.swapaxes(x, -1, -2))
    sum = staticmethod(lambda x, axis, keep=False: x.sum(axis, keepdims=keep))
    max = staticmethod(lambda x: x.max(-1))
    positive = staticmethod(lambda x: jax.lax.stop_gradient((x > 0).astype(x.dtype)))
    softmax = staticmethod(lambda x: jax.nn.softmax(x, -1))
    modules_affine = staticmethod(lambda x, weight, bias: x @ weight + bias)
    affine = staticmethod(lambda x, weight, bias: x @ weight + bias)
    field = staticmethod(lambda x: x)
    channels_last = staticmethod(lambda x: x)
    rfft2 = staticmethod(lambda x, size: jnp.fft.rfft2(x, size, (1, 2), "ortho"))
    irfft2 = staticmethod(lambda x, size: jnp.fft.irfft2(x, size, (1, 2), "ortho"))
    scan = staticmethod(lambda step, state, inputs: jax.lax.scan(step, state, inputs)[1])

    @staticmethod
    def convolve(x, weight, bias, torus):
        """Weights [9·in, out], neighbours row by row."""
        kernel = weight.reshape(3, 3, x.shape[-1], -1)
        if torus:
            x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), "wrap")
        padding = "VALID" if torus else "SAME"
        return jax.lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")) + bias

    @staticmethod
    def placed(shape, down, across, values):
        return jnp.zeros(shape, values.dtype).at[:, down, across].set(values)


def mean_loss(predictions, f, likelihood):
    if likelihood == "bernoulli":
        each = jax.nn.softplus(predictions) - predictions * f["targets"]
    else:
        each = (predictions - f["targets"]) ** 2
    return (each.mean(-1) * f["weights"]).sum() / f["weights"].sum()


def stepper(setting, parameters, feeds):
    """A function that updates once and gives the loss before the update."""
    f = {name: jnp.asarray(value) for name, value in feeds.items()}
    network = networks[setting["network"]]

    def loss_of(p):
        return mean_loss(network(ops, p, f, setting), f, setting["likelihood"])

    def adam(p, g, m, v, t):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return p - setting["rate"] * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v

    def update(state, t):
        p, m, v = state
        loss, gradients = jax.value_and_grad(loss_of)(p)
        norm = jnp.sqrt(sum((g * g).sum() for g in gradients.values()))
        scale = jnp.minimum(1, setting["clip"] / (norm + 1e-12))
        new = {name: adam(p[name], scale * g, m[name], v[name], t) for name, g in gradients.items()}
        return tuple({name: parts[i] for name, parts in new.items()} for i in range(3)), loss

    update = jax.jit(update, donate_argnums=0)
    p = {name: jnp.asarray(value) for name, value in parameters.items()}
    held = {"state": (p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)), "t": 0}

    def step():
        held["t"] += 1
        held["state"], loss = update(held["state"], jnp.float32(held["t"]))
        return float(jax.block_until_ready(loss))

    return step, jax.__version__
