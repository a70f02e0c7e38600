// docs/schedule.md, made from the table of directives.

#include "schedule/directives.h"

namespace heddle::Internal {

namespace {

const char *introduction = R"(# Schedules

This page is made from `src/schedule/directives.def` (a test compares them; `HEDDLE_BLESS=1` writes it anew).

A schedule says how an algorithm is computed, never what. It is a list of directives for each stage of each Func. A C++
call such as `f.split(x, xo, xi, 8)` records one; so does a line of a schedule file. A directive that is not legal is
refused where it is said, with a code of `docs/errors.md`, and records nothing.

## Loops

A stage begins with one loop for each dimension, the first argument innermost. An update definition has the loops of its
RDom inside (the first variable innermost), and around them one loop for each Var that stands alone, in its own place, on
the left side. Directives change these loops in the order in which they are said.

Loops over Vars are free: any order, in parallel, as vectors. A loop over an RVar is as free when its iterations provably
touch different elements (an argument on the left side tells them apart, and each read of the Func has the same one).
Otherwise it is neither parallel nor vectorized without `atomic`, a race strategy of `parallel` or `allow_race_conditions`, and keeps its order among such
loops unless the update is a sum, product, minimum, maximum, and/or, argmin, complex product, or the like, which any order
serves. (Floating-point sums count as such; of values that are equally good, argmin may then find another one.)

## Loops on a GPU

`gpu_blocks`, `gpu_threads`, `gpu_lanes` and what is made of them are schedules like others: checked as parallel loops are, shown,
kept in files, run by the interpreter. Code for GPUs is not made yet. A stage for a device that the target does not have is
refused when the pipeline is lowered (HD0365), and one for a device that it has when code is to be made (HD0802).

## Schedules as functions

A schedule may be a C++ function over stages. `include/heddle/schedules.h` has what it needs: `for_each_stage` walks over the stages of
a pipeline; a `StageHandle` gives the loops over dimensions and over RDoms as `LoopHandle`s, which stay good when they are split, fused
or renamed (`inner()` and `outer()` are what they have become); `try_` carries out directives if all of them are legal, and else none.

The functions in `heddle::schedules` schedule common kinds of pipelines with one call, for the target given: `pointwise`, `stencil`,
`gemm` and `reduction`. `tests/schedules/schedules_test.cpp` prints how much faster each is than the default.

## Tails

What a split does when its factor does not divide the extent:

| strategy | meaning | legal for |
|---|---|---|
| `auto` | `shift_inwards` in a pure stage (`round_up` for the outer loop of such a split, by a factor no larger); else `guard_with_if` | everything |
| `round_up` | runs all iterations of the last step: more is computed than was asked for, and inputs and outputs must be large enough | Vars; in an update not for the inner loop of a split |
| `guard_with_if` | leaves out what lies beyond the extent | everything |
| `shift_inwards` | moves the last step back, so that it ends where the extent does: some values are computed twice | Vars of pure stages |
| `predicate` | as `guard_with_if` | everything |
| `predicate_loads`, `predicate_stores` | as `guard_with_if`; the inner loop is not split again | Vars; `predicate_loads` not for the inner loop of a split |
| `shift_inwards_and_blend`, `round_up_and_blend` | values beyond the extent keep what they were | Vars; not with a parallel loop over the same dimension |

## What differs from Halide

What Halide 21 takes without effect, or with one that nobody can have meant, is refused:

| call | Halide 21 | here |
|---|---|---|
| `reorder(Var::outermost(), x)` | nothing happens | refused (HD0320): that is no loop |
| `rename(x, y)`, `fuse`, `split` to a name that another loop has | two loops have one name, and later calls mean the first | refused (HD0303) |
| `fold_storage` of a Func that is computed and stored at the root | nothing is folded | refused (HD0454) when nothing moves along the dimension, except where all of it fits into the fold |
| `vectorize`, `unroll`, `parallel`, `split`, `fuse` of a vectorized loop | the later one wins, or both count | refused (HD0315) |
| `in`, `clone_in` for a Func that is no caller | nothing happens | refused (HD0411) |
| memory of a GPU for what is computed on the CPU | taken for the heap | refused (HD0404) |

As in Halide, `compute_at`, `store_at`, `hoist_storage` and `compute_inline` of an output have no effect: all of an output is
computed at the root, in memory of the caller's, once, whatever else uses it. A Func may be scheduled for the pipelines in which
it is none.

## Files

A schedule file is JSON:

```json
{
  "heddle_schedule": 1,
  "pipeline": "unsharp",
  "algorithm": "9f3c...",
  "target": "x86-64-linux-avx2-fma-f16c",
  "stages": [
    { "func": "blur_y", "update": null,
      "do": [ ["compute_at", "sharpen", "yo"], ["split", "x", "xo", "xi", 16, "round_up"], ["vectorize", "xi"] ] },
    { "func": "sharpen", "update": null,
      "do": [ ["parallel", "yo"] ] }
  ],
  "made_by": { "heddle": "0.1.0" }
}
```

* `heddle_schedule` is the version. `stages` is needed; what else is missing is not checked. Members that are not named
  here are kept and written back. No key and no stage stands twice.
* `algorithm` is a hash of the definitions. Names and sizes do not enter it (sizes: those of buffers, and constant bounds of
  RDoms). A schedule made for another algorithm is refused.
* `pipeline` is a name: of the generator, of the kernel, or of the first output. It is compared only where there is no
  `algorithm`. A file with neither is taken for one of this pipeline, as far as its Funcs and loops exist.
* `func` is the name the Func was given. When several Funcs of a pipeline have one name, the second is `name#1`, in the
  order producers first. `update` is null for the pure definition, else the index of the update definition.
* Loading replaces all that was said before; Funcs and stages that are not named get the default. It is all or nothing.
* Loops are named as in the program, but the variables of a stage's RDom are `r.x`, `r.y`, `r.z`, `r.w`, `r.4`, ... whatever the
  RDom is called; `r` will do for the only one. Where such a name is that of a dimension or of a loop that a directive makes,
  it means that one, and `$0`, `$1`, ... name the RDom's. `Var::outermost()` is `__outermost`. Vars and RVars that the program gave
  no name are `$v0`, `$v1`, ... of their Func: first those of its dimensions, then in the order in which its directives name them.
* A Func that a directive makes (`in`, `clone_in`) has the name that the directive gives it, and a stage of its own in the
  list, which may stand before or after the directive. The Func of an image `im` is `im_im`.
* A branch that `specialize` makes has its directives in a list behind the condition:
  `["specialize", "n > 3", [["vectorize", "x", 8]]]`.
* Numbers may be given as text with Params in it: `"2*radius + 1"`; conditions also with elements of images, with their type:
  `"mode:uint8(0) > 3u8"`. The names are those of parameters that the pipeline has: definitions or the schedule before use
  them, or they are inputs of the generator.
* A directive is `["name", arguments...]`, as below. Optional arguments (`?`) may be left out at the end or be null.

On the command line, `heddle schedule show FILE` prints a file as a list (`--cpp`: as C++; `--json`: as it is saved), `diff A B`
says how two differ, `check FILE` whether it can be read, `check FILE PROGRAM -g NAME` whether the kernel of a generator program
can be lowered with it, and `apply FILE PROGRAM -g NAME -o DIR` emits the kernel.

## Directives

)";

std::string signature(const DirectiveInfo &row, bool json) {
    std::string out = json ? std::string("[\"") + row.name + "\"" : std::string(row.cpp) + "(";
    bool first = !json;
    for (const DirectiveParameter &p : row.parameters) {
        if (!json && p.kind == ArgumentKind::NewFunc) continue;  // what the call returns
        if (!first) out += ", ";
        first = false;
        switch (p.kind) {
        case ArgumentKind::Level: out += json ? "func, loop, stage?" : "func, loop"; break;
        case ArgumentKind::Loops:
        case ArgumentKind::Dims: out += std::string(p.name) + "..."; break;
        case ArgumentKind::LoopList:
        case ArgumentKind::NewLoopList:
        case ArgumentKind::FactorList:
        case ArgumentKind::TailList:
            if (!json && lists_are_flat(row.kind)) {
                out += std::string(p.name) + "...";
                break;
            }
            out += (json ? "[" : "{") + std::string(p.name) + (json ? "]" : "}");
            break;
        default: out += p.name;
        }
        if (p.optional) out += "?";
    }
    if (json && row.kind == DirectiveKind::specialize) out += ", [directives]?";
    return out + (json ? "]" : ")");
}

std::string code_block(const std::string &text) {
    return "```\n" + text + "\n```\n";
}

}  // namespace

std::string reference_page() {
    std::string out = introduction;
    for (const DirectiveInfo &row : directive_table()) {
        out += std::string("### ") + row.name + "\n\n`" + signature(row, false) + "` of " +
               (row.scope == DirectiveScope::Func ? "Func" : "Func and Stage") + ", in files `" +
               signature(row, true) + "`\n\n" + row.doc + "\n\n";
        if (!row.parameters.empty()) {
            for (const DirectiveParameter &p : row.parameters) {
                out += std::string("* `") + p.name + "`: " + describe(p.kind) +
                       (p.optional ? " (optional)" : "") + "\n";
            }
            out += "\n";
        }
        out += code_block(row.before) + "becomes\n" + code_block(row.after) + "\n";
    }
    while (out.size() > 1 && out[out.size() - 2] == '\n')
        out.pop_back();
    return out;
}

}  // namespace heddle::Internal
