// Random directives, most of them illegal where they are said: each is refused with a code and leaves no trace, or what
// is computed stays what it was. The schedule that results goes through a file first.
//
// HEDDLE_SEQUENCES=n runs n seeds, HEDDLE_FUZZ_FROM=s begins at seed s.

#include <cstdlib>
#include <functional>

#include <gtest/gtest.h>

#include "support_lib/differential.h"

namespace heddle::testing {
namespace {

constexpr int shards = 5;
constexpr uint64_t usual_count = 200;

uint64_t number(const char *name, uint64_t otherwise) {
    const char *value = std::getenv(name);
    return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

class Sequence {
public:
    explicit Sequence(uint64_t seed)
        : state_(seed * 0x2545f4914f6cdd1dull + 7) {
        make_algorithm();
        if (below(4)) {  // or hardly anything is legal
            for (Func &f : stages_) {
                if (below(5)) say(f.name() + ".compute_root()", [&] { f.compute_root(); });
            }
        }
        named_ = stages_;
        named_.push_back(Func(image_));
        for (int steps = 3 + below(10); steps > 0; steps--) any_directive();
    }

    const Func &output() const {
        return stages_.back();
    }
    const std::string &text() const {
        return text_;
    }
    int said = 0, refused = 0;

private:
    int below(int n) {
        state_ += 0x9e3779b97f4a7c15ull;
        uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return static_cast<int>((z ^ (z >> 31)) % static_cast<uint64_t>(n));
    }

    // Sums of earlier stages and of an image, near by; some with an update.
    void make_algorithm() {
        mode_.set(below(4));
        flag_.set(below(2) == 1);
        Buffer<int> values = irregular(Int(32), {48, 48});
        values.set_min(-16, -16);
        image_.set(values);
        const int n = 3 + below(3);
        for (int i = 0; i < n; i++) {
            Func f("f" + std::to_string(i));
            Expr e = mode_;
            for (int reads = 1 + below(3); reads > 0; reads--) {
                const Expr at = x_ + (below(3) - 1), row = y_ + (below(3) - 1);
                const int from = below(i + 1);
                e = e + (from == i ? image_(at, row) : Expr(stages_[static_cast<size_t>(from)](at, row))) % 1000 * reads;
            }
            f(x_, y_) = e;
            if (below(3) == 0) {
                const RDom r(0, 3, "r");
                f(x_, y_) += (i ? Expr(stages_[static_cast<size_t>(below(i))](x_, y_)) : Expr(x_)) % 100 * r;
            }
            stages_.push_back(f);
        }
    }

    Var var() {
        static const char *names[] = {"x", "y", "xo", "xi", "u"};
        return Var(names[below(5)]);
    }
    TailStrategy tail() {
        return static_cast<TailStrategy>(below(static_cast<int>(TailStrategy::Auto) + 1));
    }
    Expr condition() {
        switch (below(5)) {
        case 0: return flag_;
        case 1: return mode_ == below(4);
        case 2: return mode_ > below(4) && !flag_;
        case 3: return output().output_buffer().width() > 8;
        default: return image_.dim(0).stride() == 1;
        }
    }
    Func any_func() {
        return named_[static_cast<size_t>(below(static_cast<int>(named_.size())))];
    }

    void say(const std::string &text, const std::function<void()> &call) {
        said++;
        try {
            call();
            text_ += text + "\n";
        } catch (const CompileError &e) {
            refused++;
            EXPECT_NE(e.diagnostic().code, 0) << text << ": " << e.what();
        }
    }

    void any_directive() {
        if (below(2)) {
            of_stage();
        } else {
            of_func();
        }
    }

    void of_stage() {
        Func f = any_func();
        Stage s(f.function(), 0);
        std::string name = f.name();
        if (f.has_update_definition() && below(2)) {
            s = f.update();
            name = s.name();
        }
        if (below(4) == 0) {
            const Expr c = condition();
            say(name + ".specialize(...)", [&] { s = s.specialize(c); });
            name += " (branch)";
        }
        const Var a = var(), b = var(), c = var();
        const TailStrategy t = tail();
        const int factor = 1 + below(6);
        const std::vector<Func> funcs = {any_func(), any_func()};
        const std::string abc = "(" + a.name() + ", " + b.name() + ", " + c.name() + ", " + std::to_string(factor) + ", " + std::to_string(static_cast<int>(t)) + ")";
        switch (below(12)) {
        case 0: return say(name + ".split" + abc, [&] { s.split(a, b, c, factor, t); });
        case 1: return say(name + ".fuse" + abc, [&] { s.fuse(a, b, c); });
        case 2: return say(name + ".rename" + abc, [&] { s.rename(a, b); });
        case 3: return say(name + ".reorder" + abc, [&] { s.reorder(a, b); });
        case 4: return say(name + ".vectorize" + abc, [&] { s.vectorize(a, factor, t); });
        case 5: return say(name + ".unroll" + abc, [&] { s.unroll(a, factor, t); });
        case 6: return say(name + ".parallel" + abc, [&] { s.parallel(a, factor, t); });
        case 7: return say(name + ".serial" + abc, [&] { s.serial(a); });
        case 8: return say(name + ".tile" + abc, [&] { s.tile(a, b, Var("u"), Var("v"), factor, 3, t); });
        case 9: return say(name + ".eager_inline", [&] { s.eager_inline(funcs); });
        case 10: return say(name + ".always_partition" + abc, [&] { s.always_partition(a); });
        default:
            if (below(8) == 0) say(name + ".specialize_fail", [&] { s.specialize_fail("none holds"); });
        }
    }

    void of_func() {
        Func f = any_func();
        const Func g = any_func(), h = any_func();
        const Var a = var(), b = var();
        const int n = below(9);
        const std::string at = "(" + g.name() + ", " + a.name() + ")", of = "(" + a.name() + ", " + std::to_string(n) + ")";
        switch (below(18)) {
        case 0: return say(f.name() + ".in(" + g.name() + ")", [&] { named_.push_back(f.in(g)); });
        case 1: return say(f.name() + ".in()", [&] { named_.push_back(f.in()); });
        case 2: return say(f.name() + ".in({" + g.name() + ", " + h.name() + "})", [&] { named_.push_back(f.in({g, h})); });
        case 3: return say(f.name() + ".clone_in(" + g.name() + ")", [&] { named_.push_back(f.clone_in(g)); });
        case 4: return say(f.name() + ".clone_in({" + g.name() + ", " + h.name() + "})", [&] { named_.push_back(f.clone_in({g, h})); });
        case 5:
        case 6: return say(f.name() + ".compute_root()", [&] { f.compute_root(); });
        case 7:
        case 8: return say(f.name() + ".compute_at" + at, [&] { f.compute_at(g, a); });
        case 9: return say(f.name() + ".store_at" + at, [&] { f.store_at(g, a); });
        case 10: return say(f.name() + ".store_root()", [&] { f.store_root(); });
        case 11: return say(f.name() + ".compute_inline()", [&] { f.compute_inline(); });
        case 12: return say(f.name() + ".reorder_storage" + of, [&] { f.reorder_storage(a, b); });
        case 13: return say(f.name() + ".align_storage" + of, [&] { f.align_storage(a, n); });
        case 14: return say(f.name() + ".fold_storage" + of, [&] { f.fold_storage(a, n); });
        case 15: return say(f.name() + ".align_bounds" + of, [&] { f.align_bounds(a, n); });
        case 16: return say(f.name() + ".bound_extent" + of, [&] { f.bound_extent(a, n + 16); });
        default: return say(f.name() + ".store_in", [&] { f.store_in(n % 2 ? MemoryType::Stack : MemoryType::Heap); });
        }
    }

    uint64_t state_;
    Var x_{"x"}, y_{"y"};
    ImageParam image_{Int(32), 2, "image"};
    Param<int> mode_{"mode"};
    Param<bool> flag_{"flag"};
    std::vector<Func> stages_, named_;  // of the algorithm; these, and those that directives made
    std::string text_;
};

enum class Outcome { Right, Refused, Failed };

// Refused: by lowering, or when the kernel runs.
Outcome outcome_of(const Sequence &s, uint64_t seed, std::string &wrong) {
    const std::vector<Func> outputs = {s.output()};
    const std::vector<int> extents = {9, 7};
    const std::vector<Buffer<>> expected = naive_values(outputs, extents, {});
    try {
        Pipeline pipeline(s.output());
        const Schedule schedule = pipeline.schedule();
        pipeline.apply(Schedule::from_json(schedule.to_json()));
        if (!(pipeline.schedule() == schedule)) wrong = "the file gives another schedule:\n" + schedule.to_json() + pipeline.schedule().to_json();
        if (!wrong.empty()) return Outcome::Failed;
        const std::vector<Buffer<>> actual = interpreted_values(outputs, extents, {}, seed);
        wrong = first_difference(expected[0], actual[0]);
        if (wrong.empty() && seed % 4 == 0) {
            Buffer<> compiled = outputs_for(outputs, extents, {})[0];
            pipeline.realize(compiled);
            wrong = first_difference(expected[0], compiled);
        }
        return wrong.empty() ? Outcome::Right : Outcome::Failed;
    } catch (const CompileError &e) {
        if (e.diagnostic().code != 0) return Outcome::Refused;
        wrong = std::string("a refusal without a code: ") + e.what();
    } catch (const Error &e) {
        wrong = e.what();
        if (wrong.find("the kernel returns") != wrong.npos) return Outcome::Refused;
    }
    return Outcome::Failed;
}

class Directives : public ::testing::TestWithParam<int> {};

TEST_P(Directives, AreRefusedOrGiveTheRightResult) {
    const uint64_t count = number("HEDDLE_SEQUENCES", usual_count), from = number("HEDDLE_FUZZ_FROM", 0);
    int right = 0, refused = 0, directives = 0, illegal = 0;
    for (uint64_t seed = from + static_cast<uint64_t>(GetParam()); seed < from + count; seed += shards) {
        const Sequence s(seed);
        directives += s.said;
        illegal += s.refused;
        std::string wrong;
        switch (outcome_of(s, seed, wrong)) {
        case Outcome::Right: right++; break;
        case Outcome::Refused: refused++; break;
        case Outcome::Failed: ADD_FAILURE() << "seed " << seed << ": " << wrong << "\n" << s.text() << Pipeline(s.output()).schedule().to_cpp();
        }
    }
    std::cout << right << " right, " << refused << " refused; of " << directives << " directives " << illegal << " illegal\n";
    if (right + refused >= 40) {
        EXPECT_GE(right * 6, refused) << "too little is legal: nothing is tested";
    }
}
INSTANTIATE_TEST_SUITE_P(Seeds, Directives, ::testing::Range(0, shards));

}  // namespace
}  // namespace heddle::testing
