#include "fuzz/random_pipeline.h"

#include <algorithm>

#include "support_lib/differential.h"

namespace heddle::testing {

namespace {

const std::vector<Type> types = {UInt(8), UInt(16), Int(16), Int(32), Float(32)};

}  // namespace

RandomPipeline::RandomPipeline(Choices choices)
    : RandomProgram(std::move(choices)) {
    say("Var x(\"x\"), y(\"y\");");
    extents_ = {1 + below(34), 1 + below(18)};
    if (chance(30)) mins_ = {below(20) - 10, below(20) - 10};
    const size_t counters = choices_.made().size();
    const int inputs = 1 + below(2), stages = 1 + below(3);
    add_parts(inputs, counters, [&](int) { make_input(); });
    add_parts(stages, counters + 1, [&](int i) { make_stage(i + 1 == stages); });
    // What nobody reads is no part of the pipeline.
    for (size_t i = stages_.size(); i-- > 0;) {
        const Choices::Within part(choices_, i);
        schedule(static_cast<int>(i));
    }
    for (size_t i = 0; i < stages_.size(); i++) {
        const Choices::Within part(choices_, i);
        make_task(stages_[i]);
    }
    for (int i = 1; i < static_cast<int>(stages_.size()); i++) share_loops(i);
}

// --- the algorithm

void RandomPipeline::make_input() {
    const int n = static_cast<int>(stages_.size());
    const Type t = pick(types);
    const std::vector<int> size = {3 + below(20), 3 + below(12)};
    const std::string buffer = "b" + std::to_string(n), name = "in" + std::to_string(n);
    Buffer<> b = irregular(t, size, static_cast<uint64_t>(n) + 1);
    say("Buffer<> " + buffer + " = irregular(" + type_text(t) + ", " + list_text(size) + ", " + std::to_string(n + 1) + ");");
    Func f;
    switch (below(4)) {
    case 0:
        f = BoundaryConditions::repeat_edge(b);
        say("Func " + name + " = BoundaryConditions::repeat_edge(" + buffer + ");");
        break;
    case 1:
        f = BoundaryConditions::constant_exterior(b, cast(t, 7));
        say("Func " + name + " = BoundaryConditions::constant_exterior(" + buffer + ", cast(" + type_text(t) + ", 7));");
        break;
    case 2:
        f = BoundaryConditions::repeat_image(b);
        say("Func " + name + " = BoundaryConditions::repeat_image(" + buffer + ");");
        break;
    default:
        f = BoundaryConditions::mirror_image(b);
        say("Func " + name + " = BoundaryConditions::mirror_image(" + buffer + ");");
        break;
    }
    StageInfo stage;
    stage.func = f;
    stage.name = name;
    stage.loops.clear();  // its variables have names that we do not know: it is not split
    stages_.push_back(stage);
}

// x + 1, x*2 - 1, x/2, ...
RandomPipeline::Term RandomPipeline::coordinate(const std::string &name) {
    Term t{var(name), name};
    if (chance(10)) {
        t = chance(50) ? Term{t.value * 2, t.text + "*2"} : Term{t.value / 2, t.text + "/2"};
    }
    const int offset = below(5) - 2;
    if (offset > 0) return {t.value + offset, t.text + " + " + std::to_string(offset)};
    if (offset < 0) return {t.value - -offset, t.text + " - " + std::to_string(-offset)};
    return t;
}

RandomPipeline::Term RandomPipeline::read(int source, const Term &x, const Term &y, bool is_float, int reader) {
    StageInfo &s = stages_[static_cast<size_t>(source)];
    if (std::find(s.consumers.begin(), s.consumers.end(), reader) == s.consumers.end()) s.consumers.push_back(reader);
    Term value{s.func(x.value, y.value), s.name + "(" + x.text + ", " + y.text + ")"};
    if (s.clamped) {
        value = {s.func(clamp(x.value, 0, 11), y.value), s.name + "(clamp(" + x.text + ", 0, 11), " + y.text + ")"};
    }
    const Type t = value.value.type();
    if (is_float) {
        return t.is_float() ? value : Term{cast<float>(value.value), "cast<float>(" + value.text + ")"};
    }
    if (t == Int(32)) return value;
    if (!t.is_float()) return {cast<int>(value.value), "cast<int>(" + value.text + ")"};
    return {cast<int>(clamp(value.value * 16.0f, -9000.0f, 9000.0f)), "cast<int>(clamp(" + value.text + "*16.0f, -9000.0f, 9000.0f))"};
}

RandomPipeline::Term RandomPipeline::operand(int index, bool is_float) {
    if (chance(20)) {
        const int c = below(40) - 10;
        if (is_float) return {Expr(static_cast<float>(c) / 8), std::to_string(c) + "/8.0f"};
        return {Expr(c), "Expr(" + std::to_string(c) + ")"};
    }
    const int last = static_cast<int>(stages_.size()) - 1;
    // The stage before is used with preference: chains, and nothing left over.
    const int source = std::min(last, chance(60) ? last : below(last + 1));
    const Term x = coordinate("x"), y = coordinate("y");
    return read(source, x, y, is_float, index);
}

// Small enough not to overflow int32: operands of at most 17 bits, at most two factors of at most 5.
RandomPipeline::Term RandomPipeline::expression(int index, int depth, bool is_float) {
    if (depth == 0) return operand(index, is_float);
    const auto sub = [&] { return expression(index, depth - 1, is_float); };
    const Term a = sub();
    const int factor = 2 + below(4);
    const std::string f = std::to_string(factor);
    switch (below(is_float ? 6 : 9)) {
    case 0: {
        const Term b = sub();
        return {a.value + b.value, "(" + a.text + " + " + b.text + ")"};
    }
    case 1: {
        const Term b = sub();
        return {a.value - b.value, "(" + a.text + " - " + b.text + ")"};
    }
    case 2: {
        const Term b = sub();
        return {min(a.value, b.value), "min(" + a.text + ", " + b.text + ")"};
    }
    case 3: {
        const Term b = sub();
        return {max(a.value, b.value), "max(" + a.text + ", " + b.text + ")"};
    }
    case 4: {
        const Term b = sub(), c = sub();
        return {select(a.value < b.value, c.value, a.value), "select(" + a.text + " < " + b.text + ", " + c.text + ", " + a.text + ")"};
    }
    case 5: return {a.value * factor, "(" + a.text + "*" + f + ")"};
    case 6: return {a.value / factor, "(" + a.text + "/" + f + ")"};
    case 7: return {a.value % factor, "(" + a.text + " % " + f + ")"};
    default: {
        const Term b = sub();
        return {cast<int>(absd(a.value, b.value) % 4096u), "cast<int>(absd(" + a.text + ", " + b.text + ") % 4096u)"};
    }
    }
}

RandomPipeline::Term RandomPipeline::as_value(const Term &e, Type t) {
    if (t == Float(32)) return e;
    if (t == Int(32)) return {e.value % 10007, "(" + e.text + ") % 10007"};
    return {cast(t, e.value), "cast(" + type_text(t) + ", " + e.text + ")"};
}

void RandomPipeline::make_stage(bool is_output) {
    const int n = static_cast<int>(stages_.size());
    const Type t = pick(types);
    StageInfo stage;
    stage.name = "f" + std::to_string(n);
    stage.func = Func(stage.name);
    const Term e = as_value(expression(n, chance(30) ? 2 : 1, t.is_float()), t);
    say("Func " + stage.name + "(\"" + stage.name + "\");");
    Var x("x"), y("y");
    stage.func(x, y) = e.value;
    say(stage.name + "(x, y) = " + e.text + ";");
    if (chance(35)) make_update(stage, n, t, is_output);
    stages_.push_back(stage);
}

void RandomPipeline::make_update(StageInfo &stage, int index, Type t, bool is_output) {
    Var x("x"), y("y");
    Func &f = stage.func;
    const std::string r = "r" + std::to_string(index), own = stage.name;
    const auto bounded = [&](const Expr &sum, const std::string &text) { return as_value({sum, text}, t); };
    const int source = below(static_cast<int>(stages_.size()));
    stage.has_update = true;
    // The buffer of an output would have to cover all that a scan writes.
    if (is_output || chance(60)) {  // a sum over a window
        const int min = -below(3), extent = 1 + below(5);
        RDom domain(min, extent, r);
        say("RDom " + r + "(" + std::to_string(min) + ", " + std::to_string(extent) + ", \"" + r + "\");");
        const Term at{x + domain, "x + " + r};
        const Term e = read(source, at, {y, "y"}, t.is_float(), index);
        const Term own_value = t.is_float() || t == Int(32) ? Term{f(x, y), own + "(x, y)"} : Term{cast<int>(f(x, y)), "cast<int>(" + own + "(x, y))"};
        const Term v = bounded(own_value.value + e.value, own_value.text + " + " + e.text);
        f(x, y) = v.value;
        say(own + "(x, y) = " + v.text + ";");
    } else {  // a scan along x over [0, 12)
        stage.clamped = true;
        RDom domain(1, 11, r);
        say("RDom " + r + "(1, 11, \"" + r + "\");");
        const auto widened = [&](const Expr &e, const std::string &text) {
            return t.is_float() || t == Int(32) ? Term{e, text} : Term{cast<int>(e), "cast<int>(" + text + ")"};
        };
        const Term a = widened(f(domain, y), own + "(" + r + ", y)"), b = widened(f(domain - 1, y), own + "(" + r + " - 1, y)");
        const Term v = bounded(a.value + b.value, a.text + " + " + b.text);
        f(domain, y) = v.value;
        say(own + "(" + r + ", y) = " + v.text + ";");
    }
}

// --- the schedule

void RandomPipeline::schedule(int index) {
    StageInfo &stage = stages_[static_cast<size_t>(index)];
    const bool is_output = index + 1 == static_cast<int>(stages_.size());
    // Only stages that the output reaches count, as consumers too.
    std::erase_if(stage.consumers, [&](int c) { return !stages_[static_cast<size_t>(c)].is_reached; });
    stage.is_reached = is_output || !stage.consumers.empty();
    if (!stage.is_reached) return;
    bool at_root = false;
    if (!is_output) {
        const size_t before = said();
        place(stage);
        if (said() == before && !stage.has_update) return;  // inlined: it has no loops
        at_root = last_said() == stage.name + ".compute_root();";
    }
    if (stage.loops.empty()) return;
    schedule_loops(stage, is_output);
    if (at_root || is_output) specialize(stage);
    if (stage.has_update) schedule_update(stage);
    if (at_root && chance(20)) substitute(stage);
    // With numbers of its own, so that the rest of a seed's pipeline does not depend on it.
    const Choices::Aside aside(choices_);
    schedule_memory(index);
}

// A branch that keeps the loops, so that what is placed in them stays legal.
void RandomPipeline::specialize(StageInfo &stage) {
    if (!chance(12)) return;
    const int value = below(2);
    mode_.set(below(2));
    say_once("Param<int> mode(\"mode\");");
    say("mode.set(" + std::to_string(mode_.get()) + ");");
    const std::string branch = stage.name + ".specialize(mode == " + std::to_string(value) + ")";
    const std::string v = pick(stage.loops), quoted = "Var(\"" + v + "\")";
    attempt(branch, [&] { stage.func.specialize(mode_ == value); });
    switch (below(3)) {
    case 0:
        attempt(branch + ".split(" + quoted + ", " + quoted + ", Var(\"b\"), 3, TailStrategy::GuardWithIf).unroll(Var(\"b\"))", [&] {
            stage.func.specialize(mode_ == value).split(var(v), var(v), var("b"), 3, TailStrategy::GuardWithIf).unroll(var("b"));
        });
        break;
    case 1:
        attempt(branch + ".vectorize(" + quoted + ", 4, TailStrategy::GuardWithIf)",
                [&] { stage.func.specialize(mode_ == value).vectorize(var(v), 4, TailStrategy::GuardWithIf); });
        break;
    default:
        stage.is_parallel |= attempt(branch + ".parallel(" + quoted + ")", [&] { stage.func.specialize(mode_ == value).parallel(var(v)); });
    }
}

// A wrapper or clone for one consumer of a stage that is computed at root, or a wrapper for all of them.
void RandomPipeline::substitute(StageInfo &stage) {
    const StageInfo &consumer = stages_[static_cast<size_t>(pick(stage.consumers))];
    const int kind = below(3);
    const std::string text = stage.name + (kind == 0 ? ".in()" : (kind == 1 ? ".in(" : ".clone_in(") + consumer.name + ")");
    const auto made = [&] { return kind == 0 ? stage.func.in() : kind == 1 ? stage.func.in(consumer.func) : stage.func.clone_in(consumer.func); };
    if (kind == 0 || chance(40) || consumer.has_update || consumer.loops.empty()) {
        attempt(text + ".compute_root()", [&] { made().compute_root(); });
    } else {
        const std::string v = pick(consumer.loops);
        attempt(text + ".compute_at(" + consumer.name + ", Var(\"" + v + "\"))", [&] { made().compute_at(consumer.func, var(v)); });
    }
    if (kind < 2 && chance(50)) {
        attempt(text + ".vectorize(x, 4, TailStrategy::GuardWithIf)", [&] { made().vectorize(var("x"), 4, TailStrategy::GuardWithIf); });
    }
}

// What is asked of the caches.
void RandomPipeline::schedule_memory(int index) {
    StageInfo &stage = stages_[static_cast<size_t>(index)];
    const std::string name = stage.name + ".";
    if (chance(8)) attempt(name + "stream_stores()", [&] { stage.func.stream_stores(); });
    std::vector<int> producers;
    for (int p = 0; p < index; p++) {
        const std::vector<int> &consumers = stages_[static_cast<size_t>(p)].consumers;
        if (std::find(consumers.begin(), consumers.end(), index) != consumers.end()) producers.push_back(p);
    }
    if (producers.empty() || !chance(12)) return;
    const StageInfo &producer = stages_[static_cast<size_t>(pick(producers))];
    static const std::vector<std::pair<PrefetchBoundStrategy, std::string>> strategies = {
        {PrefetchBoundStrategy::Clamp, "Clamp"}, {PrefetchBoundStrategy::GuardWithIf, "GuardWithIf"}, {PrefetchBoundStrategy::NonFaulting, "NonFaulting"}};
    const int at = below(static_cast<int>(stage.loops.size()));
    const int from = at + below(static_cast<int>(stage.loops.size()) - at), offset = below(5) - 1;
    const auto strategy = pick(strategies);
    const std::string a = stage.loops[static_cast<size_t>(at)], b = stage.loops[static_cast<size_t>(from)];
    attempt(name + "prefetch(" + producer.name + ", Var(\"" + a + "\"), Var(\"" + b + "\"), " + std::to_string(offset) +
                ", PrefetchBoundStrategy::" + strategy.second + ")",
            [&] { stage.func.prefetch(producer.func, var(a), var(b), offset, strategy.first); });
}

// Mostly what is legal: at a loop of the only consumer, stored there or further out but not around a
// parallel loop.
void RandomPipeline::place(StageInfo &stage) {
    const std::string &f = stage.name;
    const StageInfo &consumer = stages_[static_cast<size_t>(stage.consumers[0])];
    const bool only_one = stage.consumers.size() == 1;
    if (chance(20) && !stage.has_update && only_one) return;  // inline
    if (chance(30) || !only_one || consumer.has_update || consumer.loops.empty()) {
        stage.at_root = attempt(f + ".compute_root()", [&] { stage.func.compute_root(); });
        return;
    }
    const auto outermost = static_cast<int>(consumer.loops.size()) - 1;
    const int at = below(outermost + 1);
    const auto loop = [&](int i) { return consumer.loops[static_cast<size_t>(i)]; };
    attempt(f + ".compute_at(" + consumer.name + ", Var(\"" + loop(at) + "\"))",
            [&] { stage.func.compute_at(consumer.func, var(loop(at))); });
    stage.at = at;
    if (chance(25) && !consumer.is_parallel) {
        attempt(f + ".store_root()", [&] { stage.func.store_root(); });
    } else if (chance(35)) {
        const int outer = at + below(outermost - at + 1);
        attempt(f + ".store_at(" + consumer.name + ", Var(\"" + loop(outer) + "\"))",
                [&] { stage.func.store_at(consumer.func, var(loop(outer))); });
    }
}

// Tasks, and storage that is allocated further out.
void RandomPipeline::make_task(StageInfo &stage) {
    if (!stage.at_root && stage.at < 0) return;
    const std::string &f = stage.name;
    if (chance(30)) attempt(f + ".async()", [&] { stage.func.async(); });
    if (stage.at < 0 || !chance(30)) return;
    const StageInfo &consumer = stages_[static_cast<size_t>(stage.consumers[0])];
    const auto outermost = static_cast<int>(consumer.loops.size()) - 1;
    const int hoist = stage.at + below(outermost - stage.at + 1);
    const std::string loop = consumer.loops[static_cast<size_t>(hoist)];
    if (chance(50) && !consumer.is_parallel) {
        attempt(f + ".hoist_storage_root()", [&] { stage.func.hoist_storage_root(); });
    } else {
        attempt(f + ".hoist_storage(" + consumer.name + ", Var(\"" + loop + "\"))",
                [&] { stage.func.hoist_storage(consumer.func, var(loop)); });
    }
    const int copies = 1 + below(3);
    if (chance(50) && (hoist > stage.at || chance(20))) attempt(f + ".ring_buffer(" + std::to_string(copies) + ")", [&] { stage.func.ring_buffer(copies); });
}

// The loops of a stage before it, where both are computed outside of all loops.
void RandomPipeline::share_loops(int index) {
    StageInfo &child = stages_[static_cast<size_t>(index)];
    const StageInfo &parent = stages_[static_cast<size_t>(below(index))];
    if (!child.at_root || !parent.at_root || child.loops.empty() || !chance(60)) return;
    if (std::find(parent.consumers.begin(), parent.consumers.end(), index) != parent.consumers.end()) return;
    static const std::vector<std::pair<LoopAlignStrategy, std::string>> aligns = {
        {LoopAlignStrategy::NoAlign, "NoAlign"}, {LoopAlignStrategy::AlignStart, "AlignStart"}, {LoopAlignStrategy::AlignEnd, "AlignEnd"}};
    const auto align = pick(aligns);
    const std::string loop = pick(child.loops);
    attempt(child.name + ".compute_with(" + parent.name + ", Var(\"" + loop + "\"), LoopAlignStrategy::" + align.second + ")",
            [&] { child.func.compute_with(parent.func, var(loop), align.first); });
}

void RandomPipeline::schedule_loops(StageInfo &stage, bool is_output) {
    Func &f = stage.func;
    std::vector<std::string> &loops = stage.loops;
    const std::string name = stage.name + ".";
    const auto quoted = [](const std::string &v) { return "Var(\"" + v + "\")"; };
    static const std::vector<std::pair<TailStrategy, std::string>> tails = {
        {TailStrategy::Auto, "Auto"}, {TailStrategy::GuardWithIf, "GuardWithIf"}, {TailStrategy::ShiftInwards, "ShiftInwards"}, {TailStrategy::RoundUp, "RoundUp"},
        {TailStrategy::PredicateLoads, "PredicateLoads"}, {TailStrategy::PredicateStores, "PredicateStores"}, {TailStrategy::RoundUpAndBlend, "RoundUpAndBlend"},
        {TailStrategy::ShiftInwardsAndBlend, "ShiftInwardsAndBlend"}};
    const size_t counter = choices_.made().size();
    add_parts(below(4), counter, [&](int) {
        const size_t at = static_cast<size_t>(below(static_cast<int>(loops.size())));
        const std::string v = loops[at];
        if (chance(70)) {
            // Outputs have no room to be rounded up into; a shifted tile needs one tile of room.
            const int factor = 2 + below(7);
            auto tail = pick(tails);
            const bool fits = factor <= extents_[0] && factor <= extents_[1] && (v == "x" || v == "y");
            const bool rounds = tail.second.starts_with("RoundUp") || tail.second == "PredicateLoads";
            const bool guarded = tail.first == TailStrategy::GuardWithIf || tail.first == TailStrategy::PredicateStores;
            if (is_output && !guarded && (rounds || !fits)) tail = tails[1];
            const std::string outer = v + "o", inner = v + "i";
            if (attempt(name + "split(" + quoted(v) + ", " + quoted(outer) + ", " + quoted(inner) + ", " + std::to_string(factor) + ", TailStrategy::" + tail.second + ")",
                        [&] { f.split(var(v), var(outer), var(inner), factor, tail.first); })) {
                loops[at] = inner;
                loops.insert(loops.begin() + static_cast<std::ptrdiff_t>(at) + 1, outer);
            }
        } else if (at + 1 < loops.size() && chance(40)) {
            const std::string outer = loops[at + 1], fused = v + "f";
            if (attempt(name + "fuse(" + quoted(v) + ", " + quoted(outer) + ", " + quoted(fused) + ")",
                        [&] { f.fuse(var(v), var(outer), var(fused)); })) {
                loops[at] = fused;
                loops.erase(loops.begin() + static_cast<std::ptrdiff_t>(at) + 1);
            }
        } else if (loops.size() > 1) {
            std::vector<std::string> order = loops;
            for (size_t i = order.size(); i > 1; i--) std::swap(order[i - 1], order[static_cast<size_t>(below(static_cast<int>(i)))]);
            std::vector<VarOrRVar> vars;
            std::string text;
            for (const std::string &o : order) {
                vars.emplace_back(var(o));
                text += (text.empty() ? "" : ", ") + quoted(o);
            }
            if (attempt(name + "reorder(" + text + ")", [&] { f.reorder(vars); })) loops = order;
        }
    });
    // Inner loops of splits have constant extents.
    for (const std::string &v : loops) {
        if (v.back() != 'i' || !chance(50)) continue;
        if (chance(60)) {
            attempt(name + "vectorize(" + quoted(v) + ")", [&] { f.vectorize(var(v)); });
        } else {
            attempt(name + "unroll(" + quoted(v) + ")", [&] { f.unroll(var(v)); });
        }
    }
    if (chance(40)) {
        const std::string v = loops.back();
        if (v.back() != 'i') {
            stage.is_parallel = attempt(name + "parallel(" + quoted(v) + ")", [&] { f.parallel(var(v)); });
        }
    }
    if (!is_output && chance(10)) {
        const std::string v = chance(50) ? "x" : "y";
        const int factor = 2 + below(4);
        attempt(name + "split_storage(" + v + ", Var(\"so\"), Var(\"si\"), " + std::to_string(factor) + ")",
                [&] { f.split_storage(var(v), var("so"), var("si"), factor); });
    }
    if (!is_output && chance(10)) {
        attempt(name + "reorder_storage(y, x)", [&] { f.reorder_storage(var("y"), var("x")); });
    }
}

void RandomPipeline::schedule_update(StageInfo &stage) {
    const std::string name = stage.name + ".update().";
    const std::string v = stage.clamped || chance(30) ? "y" : "x";
    switch (below(4)) {
    case 0:
        if (chance(50)) {
            attempt(name + "vectorize(" + v + ", 4, TailStrategy::GuardWithIf)",
                    [&] { stage.func.update().vectorize(var(v), 4, TailStrategy::GuardWithIf); });
        } else if (&stage != &stages_.back()) {  // an output has no room
            attempt(name + "vectorize(" + v + ", 4, TailStrategy::RoundUpAndBlend)",
                    [&] { stage.func.update().vectorize(var(v), 4, TailStrategy::RoundUpAndBlend); });
        }
        break;
    case 1:
        attempt(name + "unroll(" + v + ", 3, TailStrategy::GuardWithIf)",
                [&] { stage.func.update().unroll(var(v), 3, TailStrategy::GuardWithIf); });
        break;
    case 2: attempt(name + "parallel(" + v + ")", [&] { stage.func.update().parallel(var(v)); }); break;
    default: break;
    }
}

}  // namespace heddle::testing
