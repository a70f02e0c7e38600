// Running a pipeline in this process: realize, infer_input_bounds.

#include <algorithm>
#include <numeric>

#include "driver/compiled.h"
#include "heddle/func.h"
#include "language/define.h"

namespace heddle {

using namespace Internal;

namespace {

using Raw = std::vector<halide_buffer_t *>;

// One run of a compiled pipeline: its arguments, as realize finds them.
class Run {
public:
    Run(const CompiledPipeline &code, const Raw &outputs)
        : code_(code), values_(code.arguments.size()) {
        for (size_t i = 1; i < code.arguments.size(); i++) {
            const ArgumentSource &s = code.arguments[i];
            if (s.kind == ArgumentSource::Kind::Output) {
                values_[i] = outputs.at(s.index);
            } else if (s.parameter && s.parameter->is_buffer) {
                add_input(i, *s.parameter);
            } else if (s.parameter) {
                add_scalar(i, *s.parameter);
            }
        }
    }
    /** The buffer to pass for input `i` of the kernel, in place of the one that is bound. */
    void replace(size_t i, halide_buffer_t *b) {
        values_[i] = b;
    }
    int operator()(JITUserContext *context) {
        return code_.run(context, values_);
    }

private:
    void add_input(size_t i, const ParameterContents &p) {
        if (p.buffer.defined()) values_[i] = const_cast<halide_buffer_t *>(p.buffer.get()->raw_buffer());
    }
    void add_scalar(size_t i, const ParameterContents &p) {
        if (!p.scalar_set) refuse(262, p.name, {}, concat("Param ", p.name, " has no value: set() it before the run"));
        values_[i] = const_cast<uint64_t *>(&p.scalar_bits);
    }
    const CompiledPipeline &code_;
    std::vector<void *> values_;
};

bool is_without_memory(const halide_buffer_t *b) {
    return b && !b->host && !b->device && b->dimensions >= 0;
}

// A run with memory that is not there would silently become a bounds query.
int check_memory(JITUserContext *context, const CompiledPipeline &code, const Raw &outputs) {
    for (const ArgumentSource &s : code.arguments) {
        if (!s.argument.is_buffer()) continue;
        const std::string &name = s.argument.name;
        const halide_buffer_t *b = nullptr;
        if (s.kind == ArgumentSource::Kind::Output) {
            b = outputs.at(s.index);
        } else if (s.parameter && s.parameter->buffer.defined()) {
            b = s.parameter->buffer.get()->raw_buffer();
        }
        if (!b) return halide_error_buffer_argument_is_null(context, name.c_str());
        if (is_without_memory(b)) {
            size_t elements = 1;
            for (int d = 0; d < b->dimensions; d++) elements *= static_cast<size_t>(std::max(b->dim[d].extent, 0));
            if (elements > 0) return halide_error_host_is_null(context, name.c_str());
        }
    }
    return 0;
}

// Strides that a bounds query answered, made such that no two elements share memory: dimensions keep their
// order in memory, and a stride grows where the extents below it need that.
void separate_elements(halide_buffer_t &b) {
    std::vector<int> order(static_cast<size_t>(b.dimensions));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int x, int y) { return std::abs(b.dim[x].stride) < std::abs(b.dim[y].stride); });
    int64_t needed = 1;
    for (int d : order) {
        halide_dimension_t &dim = b.dim[d];
        if (dim.extent > 1 && dim.stride >= 0 && dim.stride < needed) dim.stride = static_cast<int>(needed);
        if (dim.extent > 1) needed = std::max<int64_t>(needed, int64_t{std::abs(dim.stride)} * dim.extent);
    }
}

// Whatever the answer of a bounds query, what was asked for is part of it.
void cover(halide_buffer_t &b, const std::vector<int32_t> &sizes) {
    for (int d = 0; d < b.dimensions; d++) {
        halide_dimension_t &dim = b.dim[d];
        const int end = std::max(dim.min + dim.extent, sizes[static_cast<size_t>(d)]);
        dim.min = std::min(dim.min, 0);
        dim.extent = end - dim.min;
    }
}

std::vector<Type> output_types(const PipelineContents &p) {
    std::vector<Type> types;
    for (const auto &f : p.outputs) types.insert(types.end(), f->types.begin(), f->types.end());
    return types;
}

void check_count(const PipelineContents &p, size_t given) {
    const size_t wanted = output_types(p).size();
    if (given == wanted) return;
    refuse(261, p.outputs[0]->name, {},
           concat("the pipeline of ", p.outputs[0]->name, " has ", wanted, " output(s), but ", given,
                  " Buffer(s) are given to realize"));
}

// Outputs of these sizes and no memory yet.
std::vector<Buffer<>> shapes(const PipelineContents &p, const std::vector<int32_t> &sizes) {
    std::vector<Buffer<>> out;
    for (const auto &f : p.outputs) {
        if (f->args.size() != sizes.size()) {
            refuse(260, f->name, {},
                   concat("Func ", f->name, " has ", f->args.size(), " dimension(s), but realize is given ",
                          sizes.size(), " size(s)"));
        }
    }
    for (int32_t s : sizes) {
        if (s < 0) refuse(260, p.outputs[0]->name, {}, concat("a size of ", s, " is given to realize"));
    }
    for (const Type &t : output_types(p)) out.push_back(Buffer<>(t, nullptr, std::vector<int>(sizes)));
    return out;
}

Raw raw_of(std::vector<Buffer<>> &buffers) {
    Raw raw;
    for (Buffer<> &b : buffers) raw.push_back(b.raw_buffer());
    return raw;
}

}  // namespace

size_t Pipeline::RealizationArg::size() const {
    return r ? r->size() : buf ? 1 : buffer_list.size();
}

std::vector<halide_buffer_t *> Pipeline::RealizationArg::raw() const {
    Raw out;
    if (r) {
        for (size_t i = 0; i < r->size(); i++) out.push_back((*r)[i].raw_buffer());
    } else if (buf) {
        out.push_back(buf);
    } else {
        for (const Buffer<> &b : buffer_list) {
            out.push_back(b.defined() ? const_cast<halide_buffer_t *>(b.get()->raw_buffer()) : nullptr);
        }
    }
    return out;
}

Realization Pipeline::realize(std::vector<int32_t> sizes, const Target &target) {
    return realize(nullptr, std::move(sizes), target);
}

Realization Pipeline::realize(JITUserContext *context, std::vector<int32_t> sizes, const Target &target) {
    PipelineContents &p = checked("realize");
    for (const auto &f : p.outputs) {
        if (!f->defined()) refuse(200, f->name, {}, concat("Func ", f->name, " is not defined: it cannot be realized"));
    }
    std::vector<Buffer<>> buffers = shapes(p, sizes);
    const auto code = compiled_for(p, target);
    const Raw raw = raw_of(buffers);
    {
        // What the pipeline writes may be more than what was asked for: ask it.
        JITCall call(context, p.handlers);
        call.finish(Run(*code, raw)(call.context()));
    }
    bool grown = false;
    std::vector<std::pair<int, int>> asked;
    for (int32_t s : sizes) asked.emplace_back(0, s);
    for (Buffer<> &b : buffers) {
        cover(*b.raw_buffer(), sizes);
        separate_elements(*b.raw_buffer());
        b.allocate();
        for (size_t d = 0; d < sizes.size(); d++) {
            const auto dim = b.dim(static_cast<int>(d));
            grown = grown || dim.min() != 0 || dim.extent() != sizes[d];
        }
    }
    {
        JITCall call(context, p.handlers);
        int status = check_memory(call.context(), *code, raw);
        if (status == 0) status = Run(*code, raw)(call.context());
        call.finish(status);
    }
    if (grown) {
        for (Buffer<> &b : buffers) b.crop(asked);
    }
    return Realization(std::move(buffers));
}

void Pipeline::realize(RealizationArg outputs, const Target &target) {
    realize(nullptr, std::move(outputs), target);
}

void Pipeline::realize(JITUserContext *context, RealizationArg outputs, const Target &target) {
    PipelineContents &p = checked("realize");
    for (const auto &f : p.outputs) {
        if (!f->defined()) refuse(200, f->name, {}, concat("Func ", f->name, " is not defined: it cannot be realized"));
    }
    const Raw raw = outputs.raw();
    check_count(p, raw.size());
    const auto code = compiled_for(p, target);
    JITCall call(context, p.handlers);
    int status = check_memory(call.context(), *code, raw);
    if (status == 0) status = Run(*code, raw)(call.context());
    call.finish(status);
}

namespace {

// An input that is being sized: its query buffer, and the shape before the last query.
struct Sized {
    size_t argument;
    std::shared_ptr<ParameterContents> parameter;
    Buffer<> query;
};

std::vector<halide_dimension_t> shape_of(Buffer<> &b) {
    const halide_buffer_t *raw = b.raw_buffer();
    return std::vector<halide_dimension_t>(raw->dim, raw->dim + raw->dimensions);
}

// Runs bounds queries until the answers no longer change, and binds Buffers of these shapes.
void infer(PipelineContents &p, JITUserContext *context, const Raw &outputs, const Target &target) {
    const auto code = compiled_for(p, target);
    std::vector<Sized> unbound;
    for (size_t i = 0; i < code->arguments.size(); i++) {
        const auto &q = code->arguments[i].parameter;
        if (!q || !q->is_buffer || q->buffer.defined()) continue;
        unbound.push_back({i, std::const_pointer_cast<ParameterContents>(q),
                           Buffer<>(q->type, nullptr, std::vector<int>(static_cast<size_t>(q->dimensions), 0))});
    }
    if (unbound.empty()) return;
    constexpr int max_queries = 16;
    bool changed = true;
    for (int k = 0; changed; k++) {
        if (k == max_queries) {
            refuse(267, p.outputs[0]->name, {},
                   concat("the bounds of the inputs of ", p.outputs[0]->name, " still change after ", max_queries,
                          " queries: its constraints may contradict each other"));
        }
        Run run(*code, outputs);
        std::vector<std::vector<halide_dimension_t>> before;
        for (Sized &s : unbound) {
            run.replace(s.argument, s.query.raw_buffer());
            before.push_back(shape_of(s.query));
        }
        JITCall call(context, p.handlers);
        if (call.finish(run(call.context())) != 0) return;
        changed = false;
        for (size_t i = 0; i < unbound.size(); i++) changed = changed || shape_of(unbound[i].query) != before[i];
    }
    for (Sized &s : unbound) {
        separate_elements(*s.query.raw_buffer());
        s.query.allocate();
        s.query.set_name(s.parameter->name);
        s.parameter->buffer = s.query;
    }
}

}  // namespace

void Pipeline::infer_input_bounds(const std::vector<int32_t> &sizes, const Target &target) {
    infer_input_bounds(nullptr, sizes, target);
}

void Pipeline::infer_input_bounds(JITUserContext *context, const std::vector<int32_t> &sizes, const Target &target) {
    PipelineContents &p = checked("infer_input_bounds");
    std::vector<Buffer<>> buffers = shapes(p, sizes);
    infer(p, context, raw_of(buffers), target);
}

void Pipeline::infer_input_bounds(RealizationArg outputs, const Target &target) {
    infer_input_bounds(nullptr, std::move(outputs), target);
}

void Pipeline::infer_input_bounds(JITUserContext *context, RealizationArg outputs, const Target &target) {
    PipelineContents &p = checked("infer_input_bounds");
    const Raw raw = outputs.raw();
    check_count(p, raw.size());
    infer(p, context, raw, target);
}

}  // namespace heddle
