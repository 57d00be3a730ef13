"""One training step in PyTorch, eager or compiled, on one thread."""

import torch
import torch.nn.functional as F

from networks import networks

torch.set_num_threads(1)


class ops:
    channels = 1
    relu, tanh, sigmoid, exp, sqrt, rsqrt = torch.relu, torch.tanh, torch.sigmoid, torch.exp, torch.sqrt, torch.rsqrt
    zeros, complex = torch.zeros, torch.complex
    concat = staticmethod(lambda parts, axis: torch.cat(parts, axis))
    split = staticmethod(lambda x, parts, axis: torch.chunk(x, parts, axis))
    transpose = staticmethod(lambda x, axes: x.permute(axes))
    swap = staticmethod(lambda x: x.transpose(-1, -2))
    sum = staticmethod(lambda x, axis, keep=False: x.sum(axis, keepdim=keep))
    max = staticmethod(lambda x: x.amax(-1))
    positive = staticmethod(lambda x: (x > 0).to(x.dtype).detach())
    softmax = staticmethod(lambda x: torch.softmax(x, -1))
    modules_affine = staticmethod(lambda x, weight, bias: torch.baddbmm(bias, x, weight))
    affine = staticmethod(lambda x, weight, bias: F.linear(x, weight.t(), bias))
    field = staticmethod(lambda x: x.permute(0, 3, 1, 2).contiguous())
    channels_last = staticmethod(lambda x: x.permute(0, 1, 3, 4, 2))
    rfft2 = staticmethod(lambda x, size: torch.fft.rfft2(x, size, (1, 2), "ortho"))
    irfft2 = staticmethod(lambda x, size: torch.fft.irfft2(x, size, (1, 2), "ortho"))

    @staticmethod
    def scan(step, state, inputs):
        outputs = []
        for frame in zip(*(x.unbind(0) for x in inputs)):
            state, output = step(state, frame)
            outputs.append(output)
        return torch.stack(outputs)

    @staticmethod
    def convolve(x, weight, bias, torus):
        """Weights [9·in, out], neighbours row by row."""
        kernel = weight.reshape(3, 3, x.shape[1], -1).permute(3, 2, 0, 1)
        if torus:
            return F.conv2d(F.pad(x, (1, 1, 1, 1), "circular"), kernel, bias)
        return F.conv2d(x, kernel, bias, padding=1)

    @staticmethod
    def placed(shape, down, across, values):
        spectrum = torch.zeros(shape, dtype=values.dtype)
        spectrum[:, down, across] = values
        return spectrum


def mean_loss(predictions, f, likelihood):
    if likelihood == "bernoulli":
        each = F.binary_cross_entropy_with_logits(predictions, f["targets"], reduction="none")
    else:
        each = (predictions - f["targets"]) ** 2
    return (each.mean(-1) * f["weights"]).sum() / f["weights"].sum()


def stepper(setting, parameters, feeds, compiled=False):
    """A function that updates once and gives the loss before the update."""
    p = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    f = {name: torch.tensor(value) for name, value in feeds.items()}
    network = networks[setting["network"]]

    def loss_of(given):
        return mean_loss(network(ops, given, f, setting), f, setting["likelihood"])

    if compiled:
        loss_of = torch.compile(loss_of)
    optimiser = torch.optim.Adam(p.values(), lr=setting["rate"], fused=True)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(p)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), setting["clip"])
        optimiser.step()
        return loss.item()

    return step, torch.__version__
