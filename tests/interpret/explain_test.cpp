// What explain says of a nest is what the interpreter counts when it runs it, and the text is a golden file.

#include <gtest/gtest.h>

#include "heddle/boundary_conditions.h"
#include "heddle/func.h"
#include "heddle/image_param.h"
#include "heddle/inline_reductions.h"
#include "heddle/operators.h"
#include "heddle/rdom.h"
#include "interpret/interpreter.h"
#include "language/reachable.h"
#include "lower/explain.h"
#include "lower/lower.h"
#include "schedule/derived.h"
#include "support_lib/golden.h"

namespace heddle::Internal {
namespace {

using Extent = KnownArguments::Dim;

std::vector<Extent> shape_of(const heddle::Buffer<> &b) {
    std::vector<Extent> dims;
    for (int d = 0; d < b.dimensions(); d++) dims.push_back({b.dim(d).min(), b.dim(d).extent(), b.dim(d).stride()});
    return dims;
}

void expect_counted(const std::string &name, const Func &output, const std::vector<int> &sizes,
                    const std::vector<std::pair<std::string, heddle::Buffer<>>> &images = {}) {
    SCOPED_TRACE(name);
    LowerRequest request;
    request.outputs = {output.function()};
    request.name = "test";
    request.target = Target("x86-64-linux-avx2");
    const LoweredFunction kernel = lower_nest(request);
    heddle::Buffer<> out(output.types()[0], sizes);
    KnownArguments known;
    std::vector<ArgValue> args;
    for (const LoweredArgument &a : kernel.args) {
        heddle::Buffer<> buffer = out;
        for (const auto &[image, b] : images) {
            if (a.argument.name == image) buffer = b;
        }
        known.buffers[a.argument.name] = shape_of(buffer);
        args.emplace_back(buffer.raw_buffer());
    }
    RunCounts counts;
    InterpretOptions options;
    options.counts = &counts;
    ASSERT_EQ(interpret(kernel, args, options), 0);

    const ExplainedNest nest = explain_nest(kernel, known);
    EXPECT_TRUE(nest.exact);
    EXPECT_EQ(nest.funcs.size(), counts.buffers.size());
    Work all;
    for (const auto &[func, f] : nest.funcs) {
        SCOPED_TRACE(func);
        const RunCounts::OfBuffer &run = counts.buffers[func];
        EXPECT_EQ(f.evaluations + f.updates, run.writes);
        EXPECT_EQ(f.work.operations, run.operations);
        EXPECT_EQ(f.work.loaded, run.loaded);
        EXPECT_EQ(f.work.stored, run.stored);
        EXPECT_EQ(f.points, static_cast<int64_t>(run.points.size()));
        all.operations += run.operations;
        all.loaded += run.loaded;
        all.stored += run.stored;
    }
    EXPECT_EQ(nest.work, all);
    testing::expect_golden("interpret/explain/" + name + ".txt", to_string(nest, "explain " + name));
}

struct Explain : ::testing::Test {
    Var x{"x"}, y{"y"}, xo{"xo"}, yo{"yo"}, xi{"xi"}, yi{"yi"};
    // A stencil of a stencil.
    std::pair<Func, Func> blur(const std::string &name) const {
        Func blur_x(name + "_x"), blur_y(name + "_y");
        blur_x(x, y) = cast<float>(x - 1) + x * y + sqrt(cast<float>(x + 1));
        blur_y(x, y) = (blur_x(x, y - 1) + blur_x(x, y) + blur_x(x, y + 1)) / 3;
        return {blur_x, blur_y};
    }
};

TEST_F(Explain, Inlined) {
    auto [blur_x, blur_y] = blur("inlined");
    expect_counted("inlined", blur_y, {30, 20});
}
TEST_F(Explain, AtTheRoot) {
    auto [blur_x, blur_y] = blur("root");
    blur_x.compute_root().vectorize(x, 8);
    blur_y.vectorize(x, 8).parallel(y);
    expect_counted("root", blur_y, {30, 20});
}
TEST_F(Explain, InTiles) {
    auto [blur_x, blur_y] = blur("tiles");
    blur_y.tile(x, y, xo, yo, xi, yi, 8, 8, TailStrategy::GuardWithIf).vectorize(xi).parallel(yo);
    blur_x.compute_at(blur_y, xo).vectorize(x, 8, TailStrategy::GuardWithIf);
    expect_counted("tiles", blur_y, {30, 20});
}
TEST_F(Explain, SlidingWindow) {
    auto [blur_x, blur_y] = blur("sliding");
    blur_y.split(y, yo, yi, 8, TailStrategy::GuardWithIf).parallel(yo);
    blur_x.store_at(blur_y, yo).compute_at(blur_y, yi);
    expect_counted("sliding", blur_y, {30, 20});
}
TEST_F(Explain, MatrixProduct) {
    heddle::Buffer<float> a(16, 12), b(10, 16);
    a.fill(1.0f);
    b.fill(2.0f);
    ImageParam ia(Float(32), 2, "lhs"), ib(Float(32), 2, "rhs");
    Func product("product"), scaled("scaled_product");
    RDom k(0, 16, "depth");
    product(x, y) = 0.0f;
    product(x, y) += ia(k, y) * ib(x, k);
    scaled(x, y) = product(x, y) * 0.5f;
    scaled.tile(x, y, xi, yi, 4, 6, TailStrategy::GuardWithIf);
    product.compute_at(scaled, x).update().reorder(x, y, k);
    expect_counted("product", scaled, {10, 12}, {{"lhs", a}, {"rhs", b}});
}
TEST_F(Explain, EdgesAndTriangles) {
    heddle::Buffer<uint8_t> image(17, 9);
    image.fill(3);
    ImageParam in(UInt(8), 2, "picture");
    Func edge = BoundaryConditions::constant_exterior(in, cast<uint8_t>(0), {{0, 17}, {0, 9}});
    Func sum("triangle");
    RDom r(0, 9, "lag");
    r.where(r <= y);
    sum(x, y) = cast<int>(edge(x - 1, y)) + edge(x + 1, y);
    sum(x, y) += x * r;
    sum.reorder(y, x);
    expect_counted("triangle", sum, {17, 9}, {{"picture", image}});
}

TEST_F(Explain, UnknownValuesAreSaid) {
    ImageParam in(UInt(8), 1, "counts");
    Func histogram("histogram_of_unknown");
    RDom r(0, in.dim(0).extent(), "element");
    histogram(x) = 0;
    histogram(cast<int>(in(r))) += 1;
    LowerRequest request;
    request.outputs = {histogram.function()};
    request.name = "test";
    request.target = Target("x86-64-linux-avx2");
    KnownArguments known;
    known.buffers["histogram_of_unknown"] = {{0, 256, 1}};
    const ExplainedNest nest = explain_nest(lower_nest(request), known);
    EXPECT_FALSE(nest.exact);
    testing::expect_golden("interpret/explain/unknown.txt", to_string(nest, "explain histogram"));
}

}  // namespace
}  // namespace heddle::Internal
