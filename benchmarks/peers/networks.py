"""The networks whose steps are compared, as in models/*.ts, of whatever array framework `o` stands for.

Parameters `p` have the names and shapes of the TypeScript networks; `f` holds a batch and constants; `c` plain settings.
S steps, B episodes, A views, Q queries, M modules, H units; each gives predictions [S, B, Q or tiles, C].
"""

OUT_OF_RANGE = -1e9


def dense(o, p, name, x):
    return o.affine(x, p[f"{name}.weight"], p[f"{name}.bias"])


def gru(o, from_input, from_state, state, axis):
    """r, z and candidate lie side by side along `axis`; the reset gate acts after the product, as in cuDNN."""
    xr, xz, xn = o.split(from_input, 3, axis)
    hr, hz, hn = o.split(from_state, 3, axis)
    candidate = o.tanh(xn + o.sigmoid(xr + hr) * hn)
    return candidate + o.sigmoid(xz + hz) * (state - candidate)


# One vector for a whole scene.


def lstm(o, p, f, c):
    seen = o.concat([f["views"], f["positions"]], -1)
    each = o.relu(dense(o, p, "encode2", o.relu(dense(o, p, "encode1", seen))))
    total = o.sum(each * f["present"][..., None], 2)
    scene = total / o.sqrt(1 + o.sum(f["present"], 2)[..., None])
    from_input = dense(o, p, "input", scene)  # [S, B, 4H]: i, f, o, g
    batch, width = from_input.shape[1], c["width"]

    def step(state, x):
        hidden, cell = state
        i, forget, out, g = o.split(x[0] + hidden @ p["state.weight"], 4, -1)
        cell = o.sigmoid(forget) * cell + o.sigmoid(i) * o.tanh(g)
        hidden = o.sigmoid(out) * o.tanh(cell)
        return (hidden, cell), hidden

    start = (o.zeros((batch, width)), o.zeros((batch, width)))
    hidden = o.scan(step, start, (from_input,))  # [S, B, H]
    remembered = dense(o, p, "decode.state", hidden)[:, :, None]
    scale, shift = o.split(dense(o, p, "decode.query", f["queries"]), 2, -1)
    asked = o.relu(remembered * scale + shift)
    return dense(o, p, "decode2", o.relu(dense(o, p, "decode1", asked)))


# Modules on a sphere.


def normalise(o, x):
    return x * o.rsqrt(o.sum(x * x, -1, True) + 1e-12)


def attention(o, query, key, value, log_kernel):
    """[.., A, d], [.., B, d], [.., B, v] and log Z [.., A, B] -> [.., A, v]"""
    scores = (query * query.shape[-1] ** -0.5) @ o.swap(key)
    return o.softmax(scores + log_kernel) @ value


def s2gru(o, p, f, c):
    heads, modules, width = c["heads"], c["modules"], c["width"]

    def place(x):
        return dense(o, p, "address.place2", o.relu(dense(o, p, "address.place1", x)))

    points = normalise(o, place(f["anchors"]) + p["address.modules"])  # [M, D]
    epsilon = o.exp(p["address.logEpsilon"])

    def log_kernel(a):
        return (a @ o.swap(points) - 1) * (2 * epsilon)

    def by_head(x):  # [S, B, A, heads·d] -> [S, B, heads, A, d]
        steps, batch, views, size = x.shape
        return o.transpose(x.reshape(steps, batch, views, heads, size // heads), (0, 1, 3, 2, 4))

    hidden = o.relu(dense(o, p, "encode1", o.concat([f["views"], f["positions"]], -1)))
    keys = by_head(dense(o, p, "encode.key", hidden))
    values = by_head(dense(o, p, "encode.value", hidden))
    absent = (1 - f["present"])[..., None] * OUT_OF_RANGE
    reach = o.swap(log_kernel(normalise(o, place(f["positions"]))) + absent)  # [S, B, M, A]
    in_reach = o.transpose(o.positive(o.max(reach) - OUT_OF_RANGE / 2), (0, 2, 1))[..., None]  # [S, M, B, 1]
    links = log_kernel(points)  # [M, M]
    read_kernel = log_kernel(normalise(o, place(f["queries"])))  # [S, B, Q, M]
    batch = hidden.shape[1]

    def split_heads(x):  # [M, B, heads·d] -> [B, heads, M, d]
        return o.transpose(x.reshape(modules, batch, heads, -1), (1, 2, 0, 3))

    def join_heads(x):  # and back
        return o.transpose(x, (2, 0, 1, 3)).reshape(modules, batch, -1)

    def step(h, x):
        key, value, kernel, seen_any = x
        query = split_heads(h @ p["write.query"])
        seen = join_heads(attention(o, query, key, value, kernel[:, None])) * seen_any
        roles = o.modules_affine(o.concat([h, seen], -1), p["interact.weight"], p["interact.bias"])
        query, key, value = (split_heads(role) for role in o.split(roles, 3, -1))
        heard = join_heads(attention(o, query, key, value, links))
        from_input = o.modules_affine(o.concat([seen, heard], -1), p["update.input.weight"], p["update.input.bias"])
        from_state = o.modules_affine(h, p["update.state.weight"], p["update.state.bias"])
        h = gru(o, from_input, from_state, h, -1)
        return h, h

    states = o.scan(step, o.zeros((modules, batch, width)), (keys, values, reach, in_reach))  # [S, M, B, H]
    read = o.softmax(read_kernel) @ o.transpose(states, (0, 2, 1, 3))
    return dense(o, p, "decode2", o.relu(dense(o, p, "decode1", o.concat([read, f["queries"]], -1))))


# Fields.


def conv_gru(o, p, f, c):
    """`o.field` gives the layout in which the framework convolves fastest, `o.channels` the axis of its channels."""
    steps, batch, rows, columns, channels = f["canvas"].shape
    width = c["width"]
    canvas = o.field(f["canvas"].reshape(steps * batch, rows, columns, channels))
    from_input = o.convolve(canvas, p["input.weight"], p["input.bias"], c["torus"])
    from_input = from_input.reshape(steps, batch, *from_input.shape[1:])

    def step(h, x):
        from_state = o.convolve(h, p["state.weight"], p["state.bias"], c["torus"])
        h = gru(o, x[0], from_state, h, o.channels)
        return h, h

    states = o.scan(step, o.field(o.zeros((batch, rows, columns, width))), (from_input,))
    last = o.channels_last(states).reshape(steps, batch, rows * columns, width)
    return dense(o, p, "decode2", o.relu(dense(o, p, "decode1", last)))


def fno(o, p, f, c):
    """Fourier layers by the framework's own real transform; the waves that are kept come in `f`."""
    steps, batch, rows, columns, _ = f["canvas"].shape
    width, period = c["width"], tuple(c["period"])
    down, across, factor = f["down"], f["across"], f["factor"]
    lifted = dense(o, p, "lift", f["canvas"])

    def spectral(name, x):  # [B, rows, columns, in] -> [.., out]
        waves = o.rfft2(x, period)[:, down, across]  # [B, K, in]
        weight = o.complex(p[f"{name}.real"], p[f"{name}.imaginary"])  # [K, in, out]
        answers = o.transpose(o.transpose(waves, (1, 0, 2)) @ weight, (1, 0, 2)) * factor[:, None]
        spectrum = o.placed((batch, period[0], period[1] // 2 + 1, weight.shape[2]), down, across, answers)
        return o.irfft2(spectrum, period)[:, :rows, :columns]

    def step(h, x):
        field = x[0] + h @ p["believe.weight"]
        for layer in range(1, c["layers"] + 1):
            everywhere = spectral(f"layer{layer}.waves", dense(o, p, f"layer{layer}.thin", field))
            field = dense(o, p, f"layer{layer}.point", field) + everywhere
            field = field * o.sigmoid(1.702 * field)
        h = gru(o, dense(o, p, "update.input", field), dense(o, p, "update.state", h), h, -1)
        return h, h

    states = o.scan(step, o.zeros((batch, rows, columns, width)), (lifted,))
    answers = dense(o, p, "decode2", o.relu(dense(o, p, "decode1", states)))
    return answers.reshape(steps, batch, rows * columns, -1)


networks = {"lstm": lstm, "s2gru": s2gru, "conv-gru": conv_gru, "fno": fno}
