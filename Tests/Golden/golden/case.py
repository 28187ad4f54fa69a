"""Making one case of operations.json: its output, gradients and their checks."""

import torch

from . import checks, document
from .source import Source


def differentiate(apply, inputs, upstream):
    """The output of `apply` and the gradients of sum(upstream * output) for every input."""
    leaves = [tensor.clone().requires_grad_() for tensor in inputs]
    output = apply(*leaves)
    return output.detach(), gradients_of((upstream * output).sum(), leaves)


def gradients_of(scalar, leaves):
    """Gradients where an unused leaf has the gradient zero, not no gradient."""
    found = torch.autograd.grad(scalar, leaves, allow_unused=True)
    return [torch.zeros_like(leaf) if g is None else g for leaf, g in zip(leaves, found)]


def hessian_products(apply, inputs, upstream, directions):
    """For every input x_i: the gradient of sum_j <directions_j, gradient_j> for x_i."""
    leaves = [tensor.clone().requires_grad_() for tensor in inputs]
    total = (upstream * apply(*leaves)).sum()
    gradients = torch.autograd.grad(total, leaves, create_graph=True)
    along = sum((v * g).sum() for v, g in zip(directions, gradients))
    return gradients_of(along, leaves)


def case(operation, label, inputs, apply, attributes=None, second_order=False, checked=True,
         convention=None):
    """One case. `inputs` is a dictionary from input name to tensor; `label` completes the name."""
    name = f"{operation} {label}".strip()
    names, tensors = list(inputs), list(inputs.values())
    with torch.no_grad():
        shape = list(apply(*tensors).shape)
    upstream = Source(f"{name}/upstream").upstream(shape)
    output, gradients = differentiate(apply, tensors, upstream)

    result = {"name": name, "operation": operation}
    if convention is not None:
        result["convention"] = convention
    result["attributes"] = attributes or {}
    result["inputs"] = named(names, tensors)
    result["upstream"] = document.tensor(upstream)
    result["output"] = document.tensor(output)
    result["gradients"] = named(names, gradients)
    if checked:
        checks.check_gradients(lambda *x: (upstream * apply(*x)).sum(), tensors, gradients, name)
    if second_order:
        source = Source(f"{name}/directions")
        directions = [source.upstream(list(tensor.shape)) for tensor in tensors]
        products = hessian_products(apply, tensors, upstream, directions)

        def slope(*moved):
            _, moved_gradients = differentiate(apply, moved, upstream)
            return sum(float((v * g).sum()) for v, g in zip(directions, moved_gradients))

        checks.check_gradients(slope, tensors, products, f"{name}, second order")
        result["directions"] = named(names, directions)
        result["hessian_products"] = named(names, products)
    return result


def named(names, tensors):
    return [document.tensor(value, name) for name, value in zip(names, tensors)]


def shape_label(*shapes):
    """Shapes as in "[3,4] [4]"."""
    return " ".join("[" + ",".join(map(str, shape)) + "]" for shape in shapes)


def boolean(value):
    """A Python truth value as it stands in JSON, for case names."""
    return "true" if value else "false"
