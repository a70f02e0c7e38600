#include <algorithm>

#include "fuzz/wide_pipeline.h"
#include "support_lib/differential.h"

namespace heddle::testing {

namespace {

const std::vector<Type> types = {UInt(8), UInt(16), UInt(32), UInt(64), Int(8), Int(16), Int(32),
                                 Int(64), Float(16), BFloat(16), Float(32), Float(64)};

std::string joined(const std::vector<std::string> &parts) {
    std::string text;
    for (const std::string &p : parts) text += (text.empty() ? "" : ", ") + p;
    return text;
}

}  // namespace

WidePipeline::WidePipeline(Choices choices)
    : RandomProgram(std::move(choices)) {
    const int dims = chance(70) ? 2 : chance(50) ? 1 : 3;
    const std::vector<std::string> names = {"x", "y", "z"};
    for (int d = 0; d < dims; d++) {
        vars_.emplace_back(names[static_cast<size_t>(d)]);
        say("Var " + names[static_cast<size_t>(d)] + "(\"" + names[static_cast<size_t>(d)] + "\");");
        extents_.push_back(1 + below(d == 0 ? 34 : d == 1 ? 14 : 4));
        mins_.push_back(0);
    }
    if (chance(30)) {
        for (int &m : mins_) m = below(20) - 10;
    }
    k_.set(below(7));
    say("Param<int> k(\"k\");");
    say("k.set(" + std::to_string(k_.get()) + ");");
    const size_t counters = choices_.made().size();
    const int inputs = 1 + below(2), stages = 1 + below(4);
    output_count_ = stages > 1 && chance(15) ? 2 : 1;
    add_parts(inputs, counters, [&](int) { make_input(); });
    add_parts(stages, counters + 1, [&](int i) { make_stage(i + output_count_ >= stages); });
    for (int i = static_cast<int>(stages_.size()) - 1; i >= 0; i--) {
        StageInfo &s = stages_[static_cast<size_t>(i)];
        // Only stages that an output reaches count, as consumers too.
        std::erase_if(s.consumers, [&](int c) { return !stages_[static_cast<size_t>(c)].is_reached; });
        s.is_reached = i + output_count_ >= static_cast<int>(stages_.size()) || !s.consumers.empty();
    }
}

std::vector<Func> WidePipeline::outputs() const {
    std::vector<Func> list;
    for (size_t i = stages_.size() - static_cast<size_t>(output_count_); i < stages_.size(); i++) list.push_back(stages_[i].func);
    return list;
}

std::string WidePipeline::outputs_text() const {
    if (output_count_ == 1) return stages_.back().name;
    return "std::vector<Func>{" + stages_[stages_.size() - 2].name + ", " + stages_.back().name + "}";
}

void WidePipeline::make_input() {
    const std::string n = std::to_string(stages_.size()), buffer = "b" + n, name = "in" + n;
    StageInfo stage;
    stage.type = pick(types);
    stage.name = name;
    std::vector<int> size;
    for (size_t d = 0; d < dims(); d++) size.push_back(3 + below(12));
    Buffer<> b = irregular(stage.type, size, stages_.size() + 1);
    say("Buffer<> " + buffer + " = irregular(" + type_text(stage.type) + ", " + list_text(size) + ", " +
        std::to_string(stages_.size() + 1) + ");");
    std::string kind;
    switch (below(4)) {
    case 0: stage.func = BoundaryConditions::repeat_edge(b), kind = "repeat_edge(" + buffer; break;
    case 1:
        stage.func = BoundaryConditions::constant_exterior(b, cast(stage.type, 7));
        kind = "constant_exterior(" + buffer + ", cast(" + type_text(stage.type) + ", 7)";
        break;
    case 2: stage.func = BoundaryConditions::repeat_image(b), kind = "repeat_image(" + buffer; break;
    default: stage.func = BoundaryConditions::mirror_image(b), kind = "mirror_image(" + buffer; break;
    }
    say("Func " + name + " = BoundaryConditions::" + kind + ");");
    stages_.push_back(stage);
}

// --- operands

WidePipeline::Coordinates WidePipeline::pure() const {
    Coordinates c;
    for (const Var &v : vars_) c.push_back({v, v.name()});
    return c;
}

WidePipeline::Term WidePipeline::coordinate(size_t d) {
    const std::string name = vars_[d].name();
    Term t{vars_[d], name};
    if (chance(8)) t = chance(50) ? Term{t.value * 2, name + "*2"} : Term{t.value / 2, name + "/2"};
    if (chance(5)) return {t.value + k_, t.text + " + k"};
    const int offset = below(5) - 2;
    if (offset > 0) return {t.value + offset, t.text + " + " + std::to_string(offset)};
    if (offset < 0) return {t.value - -offset, t.text + " - " + std::to_string(-offset)};
    return t;
}

WidePipeline::Coordinates WidePipeline::coordinates() {
    Coordinates c;
    for (size_t d = 0; d < dims(); d++) c.push_back(coordinate(d));
    return c;
}

WidePipeline::Term WidePipeline::element(const StageInfo &s, const Coordinates &at, int index) const {
    std::vector<Expr> args;
    std::vector<std::string> texts;
    for (size_t d = 0; d < at.size(); d++) {
        Term a = at[d];
        if (d == 0 && s.size) a = {clamp(a.value, 0, s.size - 1), "clamp(" + a.text + ", 0, " + std::to_string(s.size - 1) + ")"};
        args.push_back(a.value);
        texts.push_back(a.text);
    }
    const std::string text = s.name + "(" + joined(texts) + ")";
    if (s.elements == 1) return {s.func(args), text};
    return {s.func(args)[index], text + "[" + std::to_string(index) + "]"};
}

// The value as an int of at most 17 bits, or as a float or double.
WidePipeline::Term WidePipeline::read(int source, const Coordinates &at, bool is_float, int reader) {
    StageInfo &s = stages_[static_cast<size_t>(source)];
    if (std::find(s.consumers.begin(), s.consumers.end(), reader) == s.consumers.end()) s.consumers.push_back(reader);
    const Term v = element(s, at, below(s.elements));
    const Type t = v.value.type();
    if (is_float) return t == Float(32) ? v : Term{cast<float>(v.value), "cast<float>(" + v.text + ")"};
    if (t == Int(32)) return s.definitions.size() < 2 ? v : Term{v.value % 10007, "(" + v.text + " % 10007)"};
    if (t.is_float()) {
        const Term f = t == Float(32) ? v : Term{cast<float>(v.value), "cast<float>(" + v.text + ")"};
        return {cast<int>(clamp(f.value * 16.0f, -9000.0f, 9000.0f)), "cast<int>(clamp(" + f.text + "*16.0f, -9000.0f, 9000.0f))"};
    }
    if (t.bits() > 16) return {cast<int>(v.value % 10007), "cast<int>(" + v.text + " % 10007)"};
    return {cast<int>(v.value), "cast<int>(" + v.text + ")"};
}

int WidePipeline::any_source() {
    // Outputs are read by nobody. The stage before is used with preference: chains, and nothing left over.
    int last = static_cast<int>(stages_.size()) - 1;
    while (last > 0 && stages_[static_cast<size_t>(last)].is_root) last--;
    return chance(60) ? last : below(last + 1);
}

WidePipeline::Term WidePipeline::operand(int index, bool is_float) {
    if (chance(20)) {
        const int c = below(40) - 10;
        if (is_float) return {Expr(static_cast<float>(c) / 8), "Expr(" + std::to_string(c) + "/8.0f)"};
        return {Expr(c), "Expr(" + std::to_string(c) + ")"};
    }
    if (chance(5) && !is_float) return {k_, "Expr(k)"};
    Coordinates at = coordinates();
    if (chance(8)) {  // a gather
        const Term by = read(any_source(), coordinates(), false, index);
        at[0] = {clamp(by.value % 16, 0, 12), "clamp(" + by.text + " % 16, 0, 12)"};
    }
    return read(any_source(), at, is_float, index);
}

// Small enough not to overflow int32: operands of at most 17 bits, at most two factors of at most 5.
WidePipeline::Term WidePipeline::expression(int index, int depth, bool is_float) {
    if (depth == 0) return operand(index, is_float);
    const auto sub = [&] { return expression(index, depth - 1, is_float); };
    const Term a = sub();
    const int factor = 2 + below(4);
    const std::string f = std::to_string(factor);
    const auto binary = [&](Expr (*op)(const Expr &, const Expr &), const char *open, const char *between) -> Term {
        const Term b = sub();
        return {op(a.value, b.value), open + a.text + between + b.text + ")"};
    };
    switch (below(is_float ? 7 : 12)) {
    case 0: return binary([](const Expr &x, const Expr &y) { return x + y; }, "(", " + ");
    case 1: return binary([](const Expr &x, const Expr &y) { return x - y; }, "(", " - ");
    case 2: return binary([](const Expr &x, const Expr &y) { return min(x, y); }, "min(", ", ");
    case 3: return binary([](const Expr &x, const Expr &y) { return max(x, y); }, "max(", ", ");
    case 4: {
        const Term b = sub(), c = sub();
        return {select(a.value < b.value, c.value, a.value), "select(" + a.text + " < " + b.text + ", " + c.text + ", " + a.text + ")"};
    }
    case 5: return {a.value * factor, "(" + a.text + "*" + f + ")"};
    case 6:
        if (is_float) return {sqrt(abs(a.value)), "sqrt(abs(" + a.text + "))"};
        return {a.value / factor, "(" + a.text + "/" + f + ")"};
    case 7: return {a.value % factor, "(" + a.text + " % " + f + ")"};
    case 8: return {cast<int>(saturating_cast<uint8_t>(a.value)), "cast<int>(saturating_cast<uint8_t>(" + a.text + "))"};
    case 9: return {a.value >> factor, "(" + a.text + " >> " + f + ")"};
    case 10: return {(a.value & 1023) ^ factor, "((" + a.text + " & 1023) ^ " + f + ")"};
    default: {
        const Term b = sub();
        return {cast<int>(absd(a.value, b.value) % 4096u), "cast<int>(absd(" + a.text + ", " + b.text + ") % 4096u)"};
    }
    }
}

WidePipeline::Term WidePipeline::as_value(const Term &e, Type t) const {
    if (e.value.type() == t && t.is_float()) return e;
    if (t == Int(32)) return {e.value % 10007, "(" + e.text + ") % 10007"};
    return {cast(t, e.value), "cast(" + type_text(t) + ", " + e.text + ")"};
}

// --- stages

void WidePipeline::start(StageInfo &stage, const std::vector<Term> &values) {
    Definition pure_loops;
    std::vector<Expr> exprs;
    std::vector<std::string> texts, names;
    for (const Term &v : values) exprs.push_back(v.value), texts.push_back(v.text);
    for (const Var &v : vars_) {
        names.push_back(v.name());
        pure_loops.loops.push_back({v, v.name(), false});
    }
    const std::string left = stage.name + "(" + joined(names) + ")";
    if (values.size() == 1) {
        stage.func(vars_) = exprs[0];
        say(left + " = " + texts[0] + ";");
    } else {
        stage.func(vars_) = Tuple(exprs);
        say(left + " = Tuple(" + joined(texts) + ");");
    }
    stage.definitions.push_back(pure_loops);
}

void WidePipeline::update(StageInfo &stage, const Coordinates &at, const std::vector<Term> &values,
                          const std::vector<RVar> &rvars) {
    Definition d;
    for (const RVar &r : rvars) d.loops.push_back({r, "RVar(\"" + r.name() + "\")", false});
    std::vector<Expr> args, exprs;
    std::vector<std::string> texts, value_texts;
    for (size_t i = 0; i < at.size(); i++) {
        args.push_back(at[i].value);
        texts.push_back(at[i].text);
        if (at[i].text == vars_[i].name()) d.loops.push_back({vars_[i], at[i].text, false});
    }
    for (const Term &v : values) exprs.push_back(v.value), value_texts.push_back(v.text);
    const std::string left = stage.name + "(" + joined(texts) + ")";
    if (values.size() == 1) {
        stage.func(args) = exprs[0];
        say(left + " = " + value_texts[0] + ";");
    } else {
        stage.func(args) = Tuple(exprs);
        say(left + " = Tuple(" + joined(value_texts) + ");");
    }
    stage.definitions.push_back(d);
}

// A domain of one or two dimensions, perhaps with a predicate.
RDom WidePipeline::domain(int index, int rdims, std::string &name, std::vector<RVar> &rvars) {
    name = "r" + std::to_string(index) + "_" + std::to_string(stages_.size());
    std::vector<Range> ranges;
    std::string text;
    for (int d = 0; d < rdims; d++) {
        const int min = -below(3), extent = 1 + below(9);
        ranges.emplace_back(min, extent);
        text += (d ? ", {" : "{") + std::to_string(min) + ", " + std::to_string(extent) + "}";
    }
    RDom r(ranges, name);
    say("RDom " + name + "({" + text + "}, \"" + name + "\");");
    if (chance(25)) {
        const int limit = below(5);
        if (rdims == 2) {
            r.where(r[0] + r[1] < limit);
            say(name + ".where(" + name + "[0] + " + name + "[1] < " + std::to_string(limit) + ");");
        } else {
            r.where(r[0] % 3 != limit % 3);
            say(name + ".where(" + name + "[0] % 3 != " + std::to_string(limit % 3) + ");");
        }
    }
    for (int d = 0; d < rdims; d++) rvars.push_back(r[d]);
    return r;
}

void WidePipeline::make_stage(bool is_output) {
    const int n = static_cast<int>(stages_.size());
    StageInfo stage;
    stage.name = "f" + std::to_string(n);
    stage.func = Func(stage.name);
    stage.type = pick(types);
    stage.elements = chance(15) ? 2 : 1;
    say("Func " + stage.name + "(\"" + stage.name + "\");");
    // A scan or histogram covers a range of its own: an output would have to be as large.
    const int kind = below(100);
    std::vector<Term> values;
    for (int e = 0; e < stage.elements; e++) {
        const Type t = e == 0 ? stage.type : pick(types);
        values.push_back(as_value(expression(n, chance(30) ? 2 : 1, t.is_float()), t));
    }
    start(stage, values);
    if (kind < 35) {
        make_window(stage, n);
        if (chance(20)) make_window(stage, n);
    } else if (kind < 45 && !is_output && stage.elements == 1) {
        make_scan(stage, n);
    } else if (kind < 55 && !is_output && stage.elements == 1) {
        make_histogram(stage, n);
    } else if (kind < 65 && stage.elements == 2) {
        make_best(stage, n);
    }
    stage.is_root = is_output;
    stages_.push_back(stage);
}

// Sums, minima or maxima over a window of another stage.
void WidePipeline::make_window(StageInfo &stage, int index) {
    std::string r;
    std::vector<RVar> rvars;
    const int rdims = dims() > 1 && chance(40) ? 2 : 1;
    domain(index * 10 + static_cast<int>(stage.definitions.size()), rdims, r, rvars);
    const int source = any_source(), op = below(3);
    std::vector<Term> values;
    for (int e = 0; e < stage.elements; e++) {
        const Term own = element(stage, pure(), e);
        const Type t = own.value.type();
        Coordinates at = pure();
        for (size_t d = 0; d < rvars.size(); d++) {
            at[d] = {at[d].value + rvars[d], at[d].text + " + " + r + "[" + std::to_string(d) + "]"};
        }
        const Term v = read(source, at, t.is_float(), index);
        if (op == 0 && !t.is_float()) {
            // The sum is in the type itself, as reductions are written; it may wrap where that is defined.
            values.push_back({own.value + cast(t, v.value), own.text + " + cast(" + type_text(t) + ", " + v.text + ")"});
        } else if (op == 0 || t.is_float()) {
            const Term wide = t.is_float() && t != Float(32) ? Term{cast<float>(own.value), "cast<float>(" + own.text + ")"} : own;
            values.push_back(as_value({wide.value + v.value, wide.text + " + " + v.text}, t));
        } else if (op == 1) {
            values.push_back({min(own.value, cast(t, v.value)), "min(" + own.text + ", cast(" + type_text(t) + ", " + v.text + "))"});
        } else {
            values.push_back({max(own.value, cast(t, v.value)), "max(" + own.text + ", cast(" + type_text(t) + ", " + v.text + "))"});
        }
    }
    const bool exact = std::all_of(values.begin(), values.end(), [](const Term &v) { return !v.value.type().is_float(); });
    update(stage, pure(), values, rvars);
    stage.definitions.back().is_integer_sum = exact;
}

void WidePipeline::make_scan(StageInfo &stage, int index) {
    const std::string r = "s" + std::to_string(index);
    RDom domain(1, 11, r);
    say("RDom " + r + "(1, 11, \"" + r + "\");");
    Coordinates at = pure(), before = pure();
    at[0] = {domain, r};
    before[0] = {domain - 1, r + " - 1"};
    const Term a = element(stage, at, 0), b = element(stage, before, 0);
    const Type t = stage.type;
    const bool narrow = t.is_float() ? t != Float(32) : t != Int(32);
    const std::string to = t.is_float() ? "cast<float>(" : "cast(Int(64), ";
    const Type wide = t.is_float() ? Float(32) : Int(64);
    const Term wa = narrow ? Term{cast(wide, a.value), to + a.text + ")"} : a, wb = narrow ? Term{cast(wide, b.value), to + b.text + ")"} : b;
    Term v{wa.value + wb.value, wa.text + " + " + wb.text};
    if (t.bits() == 64 && !t.is_float()) v = {a.value + b.value, a.text + " + " + b.text}, v = {v.value % 1009, "(" + v.text + ") % 1009"};
    update(stage, at, {as_value(v, t)}, {domain});
    stage.size = 12;
}

// The first dimension counts how often another stage has each value.
void WidePipeline::make_histogram(StageInfo &stage, int index) {
    std::string r;
    std::vector<RVar> rvars;
    domain(index * 10, 1, r, rvars);
    Coordinates at = pure(), from = pure();
    from[0] = {rvars[0], r};
    const Term bin = read(any_source(), from, false, index);
    at[0] = {clamp(bin.value % 8, 0, 7), "clamp(" + bin.text + " % 8, 0, 7)"};
    const Term own = element(stage, at, 0);
    update(stage, at, {{own.value + cast(stage.type, 1), own.text + " + cast(" + type_text(stage.type) + ", 1)"}}, rvars);
    stage.definitions.back().is_integer_sum = !stage.type.is_float();
    stage.size = 8;
}

// The largest value of another stage in a window, and where it is.
void WidePipeline::make_best(StageInfo &stage, int index) {
    std::string r;
    std::vector<RVar> rvars;
    domain(index * 10, 1, r, rvars);
    Coordinates at = pure();
    at[0] = {at[0].value + rvars[0], at[0].text + " + " + r};
    const Term v = read(any_source(), at, false, index);
    const Term best = element(stage, pure(), 0), where = element(stage, pure(), 1);
    const Type tb = best.value.type(), tw = where.value.type();
    const Term candidate{cast(tb, v.value), "cast(" + type_text(tb) + ", " + v.text + ")"};
    const Expr better = best.value < candidate.value;
    const std::string condition = best.text + " < " + candidate.text;
    update(stage, pure(),
           {{select(better, candidate.value, best.value), "select(" + condition + ", " + candidate.text + ", " + best.text + ")"},
            {select(better, cast(tw, rvars[0]), where.value),
             "select(" + condition + ", cast(" + type_text(tw) + ", " + r + "), " + where.text + ")"}},
           rvars);
}

}  // namespace heddle::testing
