// A pipeline on the machine: by the JIT, as object code for several targets and as C++ source, against the naive
// evaluation of its algorithm.
//
// Emitted code is loaded from shared objects and called as a client calls it: the order and the kinds of the arguments
// are those that the metadata tell.

#include <gtest/gtest.h>

#include "interpret/value.h"
#include "language/parameter.h"
#include "language/reachable.h"
#include "support_lib/differential.h"
#include "support_lib/shared_object.h"

namespace heddle::testing {

namespace {

using namespace heddle::Internal;

/** What code is made for. */
struct Machine {
    std::string name;
    Target target;
    /** Floats may be this far from what the algorithm gives: a product and a sum may be contracted to one operation,
        which rounds once. 0: where that is forbidden, every bit is the same. */
    double tolerance = 0;
};

// This machine without contraction, then the instruction sets of the schedules in generators/ where it has them.
std::vector<Machine> machines() {
    const Target host = get_host_target();
    constexpr double contracted = 1e-6;
    std::vector<Machine> list = {{"strict", host.with_feature(Target::StrictFloat)}};
    if (host.arch == Target::X86 && host.has_feature(Target::AVX2) && host.has_feature(Target::FMA) &&
        host.has_feature(Target::F16C)) {
        Target avx2(host.os, host.arch, host.bits, {Target::SSE41, Target::AVX, Target::AVX2, Target::FMA, Target::F16C});
        list.push_back({"avx2", avx2, contracted});
        if (host.has_feature(Target::AVX512_Skylake)) {
            list.push_back({"avx512", avx2.with_feature(Target::AVX512).with_feature(Target::AVX512_Skylake), contracted});
        }
    } else {
        list.push_back({"host", host, contracted});
    }
    return list;
}

void expect_close(const std::vector<Buffer<>> &expected, const std::vector<Buffer<>> &actual, double tolerance) {
    for (size_t i = 0; i < expected.size(); i++) {
        EXPECT_EQ(first_difference(expected[i], actual[i], tolerance), "") << "output " << i;
    }
}

bool is_kind(const halide_filter_argument_t &a, int32_t kind) {
    return a.kind == kind;
}

/** The kernel `name` in a shared object, called with what the Params, ImageParams and Buffers of the pipeline hold. */
class Kernel {
public:
    Kernel(const SharedObject &code, const std::string &name, const std::vector<Func> &outputs)
        : code_(code), name_(name), metadata_(*code.function<const halide_filter_metadata_t *()>(name + "_metadata")()) {
        Functions functions;
        for (const Func &f : outputs) functions.push_back(f.function());
        parameters_ = parameters_used(functions_reached(functions), functions);
    }
    size_t inputs() const {
        size_t n = 0;
        for (int i = 0; i < metadata_.num_arguments; i++) n += !is_kind(metadata_.arguments[i], halide_argument_kind_output_buffer);
        return n;
    }
    int run(std::vector<Buffer<>> &outputs) {
        std::vector<void *> argv;
        size_t next = 0;
        for (int i = 0; i < metadata_.num_arguments; i++) {
            const halide_filter_argument_t &a = metadata_.arguments[i];
            argv.push_back(is_kind(a, halide_argument_kind_output_buffer) ? outputs.at(next++).raw_buffer() : input(a));
        }
        EXPECT_EQ(next, outputs.size());
        return code_.run(name_, argv);
    }

private:
    void *input(const halide_filter_argument_t &a) {
        for (const auto &p : parameters_) {
            if (p->name != a.name || p->is_buffer != is_kind(a, halide_argument_kind_input_buffer)) continue;
            EXPECT_EQ(Type(a.type), p->type) << a.name;
            EXPECT_EQ(a.dimensions, p->dimensions) << a.name;
            if (!p->is_buffer) return const_cast<uint64_t *>(&p->scalar_bits);
            Buffer<> b = p->buffer;
            return b.raw_buffer();
        }
        throw std::runtime_error(std::string("the kernel has an argument ") + a.name + ", which the pipeline does not know");
    }

    const SharedObject &code_;
    std::string name_;
    const halide_filter_metadata_t &metadata_;
    Parameters parameters_;
};

}  // namespace

void expect_same(const std::vector<Func> &outputs, const std::vector<int> &extents, const std::vector<int> &mins) {
    const std::vector<Buffer<>> expected = naive_values(outputs, extents, mins);
    const std::vector<Machine> targets = machines();
    Pipeline p(outputs);
    {
        SCOPED_TRACE("JIT for " + targets[0].target.to_string());
        Realization actual(outputs_for(outputs, extents, mins));
        p.realize(actual, targets[0].target);
        expect_close(expected, {&actual[0], &actual[0] + actual.size()}, targets[0].tolerance);
    }
    const auto expect_call = [&](const SharedObject &code, const Machine &m) {
        SCOPED_TRACE(m.name + " for " + m.target.to_string());
        std::vector<Buffer<>> actual = outputs_for(outputs, extents, mins);
        Kernel kernel(code, m.name, outputs);
        EXPECT_EQ(kernel.inputs(), p.infer_arguments().size()) << "Buffers in definitions are no arguments";
        EXPECT_EQ(kernel.run(actual), 0);
        expect_close(expected, actual, m.tolerance);
    };
    const TemporaryFolder folder;
    const std::string source = folder / "source.cpp";
    std::vector<std::filesystem::path> objects;
    for (const Machine &m : targets) {
        objects.push_back(folder / (m.name + ".o"));
        std::map<OutputFileType, std::string> wanted = {{OutputFileType::object, objects.back()}};
        if (&m == &targets[0]) wanted[OutputFileType::c_source] = source;
        p.compile_to(wanted, p.infer_arguments(), m.name, m.target.with_feature(Target::NoRuntime));
    }
    {
        SCOPED_TRACE("object code");
        const SharedObject code(folder, "objects", objects, "");
        for (const Machine &m : targets) expect_call(code, m);
    }
    SCOPED_TRACE("C++ source");
    // Not optimized: what a compiler makes of the source is its own affair, and so it takes a third of the time.
    expect_call(SharedObject(folder, "source", {source}, "-O0"), targets[0]);
}

}  // namespace heddle::testing
