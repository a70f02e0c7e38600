#include "schedule/nest_builder.h"

#include <algorithm>
#include <limits>

#include "heddle/var.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "language/parameter.h"
#include "schedule/derived.h"
#include "schedule/factor.h"
#include "schedule/race.h"

namespace heddle::Internal {

namespace {

// More lanes or copies of a body than this are a mistake: no machine gains by them, and code size explodes.
constexpr int64_t most_copies = 4096;

bool is_rvar(const Dim &d) {
    return d.kind != DimKind::PureVar;
}

bool is_blend(TailStrategy tail) {
    return tail == TailStrategy::ShiftInwardsAndBlend || tail == TailStrategy::RoundUpAndBlend;
}

Refusal no_constant(const std::string &var, const char *what) {
    return {316, concat("the ", what, " factor of ", var, " must be a constant"), var,
            concat("split ", var, " by the factor, and give the inner loop a constant extent")};
}

}  // namespace

Verdict check_size(const Expr &e, const char *what, bool positive, const std::string &var,
                   Expr *result) {
    if (!e.defined())
        return Refusal{305, concat("the ", what, " for ", var, " is undefined"), var, ""};
    const Type t = e.type();
    if (!t.is_scalar() || !t.is_int_or_uint() || t.is_bool()) {
        return Refusal{
            305, concat("the ", what, " for ", var, " has type ", to_string(t), ", not an integer"),
            var, ""};
    }
    int64_t value = 0;
    if (as_const_int(e, &value)) {
        if (value > std::numeric_limits<int32_t>::max() ||
            value < std::numeric_limits<int32_t>::min()) {
            return Refusal{
                306,
                concat("the ", what, " for ", var, " is ", value, ", which does not fit int32"),
                var, ""};
        }
        if (positive && value <= 0) {
            return Refusal{
                306, concat("the ", what, " for ", var, " is ", value, ", but must be above 0"),
                var, ""};
        }
        *result = make_const(Int(32), value);
        return {};
    }
    std::string culprit;
    walk_graph(
        e,
        [&](const Variable &v) {
            if (!parameter_of(v)) culprit = v.symbol.name();
        },
        [&](const Access &a) { culprit = a.buffer.name(); });
    if (!culprit.empty()) {
        return Refusal{307,
                       concat("the ", what, " for ", var, " uses ", culprit,
                              ", which has no value outside the loops"),
                       var, "use a constant or a Param"};
    }
    *result = t == Int(32) ? e : Cast::make(Int(32), e);
    return {};
}

Verdict check_condition(const Expr &e) {
    if (!e.defined()) return Refusal{323, "the condition is undefined", "", ""};
    if (!e.type().is_bool() || !e.type().is_scalar()) {
        return Refusal{324, concat("the condition has type ", to_string(e.type()), ", not bool"), "", "compare it with something"};
    }
    std::set<Symbol> lets;
    walk_graph(e, [&](const Let &l) { lets.insert(l.symbol); });
    std::string var, func, call;
    walk_graph(
        e,
        [&](const Variable &v) {
            if (!parameter_of(v) && !lets.contains(v.symbol)) var = v.symbol.name();
        },
        [&](const Access &a) {
            if (!parameter_of(a)) func = a.buffer.name();
        },
        [&](const Call &c) {
            if (!is_pure(c.op)) call = to_string(c.op);
        });
    if (!var.empty()) {
        return Refusal{325, concat("the condition uses ", var, ", which has no value outside the loops"), var,
                       "use Params, images and their shapes only"};
    }
    if (!func.empty()) {
        return Refusal{326, concat("the condition uses a value of ", func, ", which is not computed before"), func,
                       "use Params, images and their shapes only"};
    }
    if (!call.empty()) return Refusal{326, concat("the condition calls ", call, ", which has an effect"), "", ""};
    return {};
}

NestBuilder::NestBuilder(const Function &f, int stage)
    : f_(f),
      stage_(stage) {
    start(f.stage(stage));
}

// The loops of `def` before any directive of its own.
void NestBuilder::start(const Definition &def) {
    def_ = &def;
    std::vector<Split> past = std::move(nest_.past_splits);
    past.insert(past.end(), nest_.splits.begin(), nest_.splits.end());
    std::optional<ComputeWith> with = std::move(nest_.with);
    nest_ = StageNest();
    nest_.past_splits = std::move(past);
    nest_.with = std::move(with);
    loops_.clear();
    root_names_.clear();
    blended_.clear();
    const Function &f = f_;
    auto add = [&](const std::string &name, DimKind kind) {
        Dim d;
        d.var = name;
        d.kind = kind;
        Loop l;
        l.roots = {static_cast<int>(loops_.size())};
        nest_.dims.push_back(std::move(d));
        loops_.push_back(std::move(l));
        root_names_.push_back(name);
    };
    if (def.rdom) {
        for (size_t i = 0; i < def.rdom->variables.size(); i++) {
            add(def.rdom->variables[i].name, kind_of_rvar(f, def, i));
        }
    }
    for (size_t i = 0; i < f.args.size(); i++) {
        const Variable *v = stage_ == 0 ? nullptr : def.args[i].as<Variable>();
        if (stage_ == 0 || (v && v->symbol == f.arg_symbols[i])) add(f.args[i], DimKind::PureVar);
    }
    const size_t said = directives_;
    for (const Directive &d : def.inherited) {
        // A loop whose iterations are no longer provably apart runs one after the other.
        const bool may_fail = d.kind == DirectiveKind::parallel || d.kind == DirectiveKind::vectorize;
        const Verdict v = apply(d);
        HEDDLE_ASSERT(!v || may_fail, "a loop of ", f.name, " is not passed on: ", v->message);
    }
    directives_ = said;
}

std::string NestBuilder::loop_names() const {
    std::string names;
    for (const Dim &d : nest_.dims) {
        if (!names.empty()) names += ", ";
        names += d.var;
    }
    return names.empty() ? "none" : names;
}

Verdict NestBuilder::prefetch(const Directive &d) {
    Prefetch p{argument<std::string>(d, 0), argument<LoopName>(d, 1).name, argument<LoopName>(d, 2).name, Expr(1),
               argument_or(d, 4, PrefetchBoundStrategy::GuardWithIf), d.location};
    if (p.func == f_.name) {
        return Refusal{464, concat(f_.display_name, " cannot fetch its own values ahead"), "", "name a Func that it reads"};
    }
    size_t at = 0, from = 0;
    if (Verdict v = find(argument<LoopName>(d, 1), &at)) return v;
    if (Verdict v = find(argument<LoopName>(d, 2), &from)) return v;
    if (from < at) {
        return Refusal{465, concat("loop ", p.from, " lies within loop ", p.at, ": what an iteration of ", p.at,
                                   " reads does not depend on how far ", p.from, " has come"),
                       p.from, concat("prefetch at ", p.from, ", from ", p.at)};
    }
    if (std::holds_alternative<Expr>(d.args.size() > 3 ? d.args[3] : DirectiveArgument())) {
        if (Verdict v = check_size(argument<Expr>(d, 3), "offset", false, p.from, &p.offset)) return v;
    }
    std::erase_if(nest_.prefetches, [&](const Prefetch &other) { return other.func == p.func; });
    nest_.prefetches.push_back(std::move(p));
    return {};
}

Verdict NestBuilder::find(const LoopName &loop, size_t *index) const {
    for (size_t i = 0; i < nest_.dims.size(); i++) {
        if (nest_.dims[i].var == loop.name) {
            *index = i;
            return {};
        }
    }
    if (loop.name == Var::outermost().name()) {
        return Refusal{320, "Var::outermost() is a place, not a loop", loop.name, ""};
    }
    for (const Split &s : nest_.splits) {
        if (s.old_var == loop.name ||
            (s.kind == Split::Kind::Fuse && (s.inner == loop.name || s.outer == loop.name))) {
            const char *did = s.kind == Split::Kind::Split  ? "was split into "
                              : s.kind == Split::Kind::Fuse ? "was fused into "
                                                            : "was renamed to ";
            const std::string into = s.kind == Split::Kind::Split  ? s.outer + " and " + s.inner
                                     : s.kind == Split::Kind::Fuse ? s.old_var
                                                                   : s.outer;
            return Refusal{302, concat("there is no loop ", loop.name, " any more: it ", did, into),
                           loop.name, concat("the loops are now ", loop_names())};
        }
    }
    return Refusal{302, concat("there is no loop ", loop.name), loop.name,
                   concat("the loops are ", loop_names())};
}

Verdict NestBuilder::check_new_name(const LoopName &name, const Dim &from,
                                    const std::set<std::string> &free) const {
    if (name.name == Var::outermost().name()) {
        return Refusal{320, "Var::outermost() is a place, not a loop", name.name, ""};
    }
    if (!free.contains(name.name)) {
        for (const Dim &d : nest_.dims) {
            if (d.var == name.name) {
                return Refusal{303, concat("the name ", name.name, " is taken by another loop"),
                               name.name, "choose a new name"};
            }
        }
    }
    if (name.kind == LoopName::Kind::Var && is_rvar(from)) {
        return Refusal{308,
                       concat(from.var, " is a reduction variable, so ", name.name,
                              " must be an RVar, not a Var"),
                       name.name, concat("RVar ", name.name)};
    }
    if (name.kind == LoopName::Kind::RVar && !is_rvar(from)) {
        return Refusal{308,
                       concat(from.var, " is a Var, so ", name.name, " must be a Var, not an RVar"),
                       name.name, concat("Var ", name.name)};
    }
    return {};
}

Verdict NestBuilder::check_not_vectorized(size_t loop, const char *what) const {
    if (nest_.dims[loop].for_type != ForType::Vectorized) return {};
    const std::string &var = nest_.dims[loop].var;
    return Refusal{315, concat(var, " is vectorized already; ", what), var,
                   concat("say serial(", var, ") first to take that back")};
}

std::string NestBuilder::fresh_name(const std::string &wish) const {
    auto taken = [&](const std::string &name) {
        return std::any_of(nest_.dims.begin(), nest_.dims.end(),
                           [&](const Dim &d) { return d.var == name; });
    };
    std::string name = wish;
    for (int i = 2; taken(name); i++) {
        name = wish + std::to_string(i);
    }
    return name;
}

// --- tails

TailStrategy NestBuilder::choose_tail(size_t loop, const Expr &factor) const {
    // An update must not run for points that nobody asked for unless it is told to, and never twice.
    if (is_rvar(nest_.dims[loop]) || is_update()) return TailStrategy::GuardWithIf;
    // The outer loop of a shift_inwards split may overrun by less than its factor: the shift covers it.
    int64_t covered = 0, step = 0;
    const Expr &shifted = loops_[loop].shifted;
    if (shifted.defined() && as_const_int(shifted, &covered) && as_const_int(factor, &step) &&
        covered >= step) {
        return TailStrategy::RoundUp;
    }
    return TailStrategy::ShiftInwards;
}

Verdict NestBuilder::check_tail(size_t loop, TailStrategy tail) const {
    const Dim &d = nest_.dims[loop];
    const Loop &l = loops_[loop];
    const std::string name = cpp_name(tail);
    const std::string guard = "TailStrategy::GuardWithIf is always legal";
    if (is_rvar(d)) {
        if (tail == TailStrategy::GuardWithIf || tail == TailStrategy::Predicate) return {};
        return Refusal{
            310,
            concat(name, " would run iterations that are not in the domain of reduction variable ",
                   d.var),
            d.var, guard};
    }
    if (is_update() && tail == TailStrategy::ShiftInwards) {
        return Refusal{311, concat(name, " would run this update twice for some values of ", d.var),
                       d.var, guard};
    }
    if (is_update() && tail == TailStrategy::RoundUp && l.within_split) {
        return Refusal{311,
                       concat(name, " would run this update twice for some values of ", d.var,
                              ", which is the inner loop of a split"),
                       d.var, guard};
    }
    if (tail == TailStrategy::PredicateLoads && l.within_split) {
        return Refusal{312,
                       concat(name, " is legal for the outermost split of a dimension only, and ",
                              d.var, " is the inner loop of one"),
                       d.var, guard};
    }
    if (is_blend(tail) && !nest_.allow_race_conditions) {
        for (size_t i = 0; i < nest_.dims.size(); i++) {
            const bool related = std::any_of(l.roots.begin(), l.roots.end(), [&](int root) {
                return loops_[i].roots.contains(root);
            });
            if (related && is_unordered(nest_.dims[i].for_type)) {
                return Refusal{313,
                               concat(name, " writes neighbouring points of ", d.var,
                                      " back, while ", nest_.dims[i].var, " is parallel"),
                               d.var, guard};
            }
        }
    }
    return {};
}

// --- loops into other loops

Verdict NestBuilder::split(const LoopName &old, const LoopName &outer, const LoopName &inner,
                           const Expr &factor_said, TailStrategy tail) {
    size_t i = 0;
    if (Verdict v = find(old, &i)) return v;
    if (Verdict v = check_not_vectorized(i, "it cannot be split")) return v;
    if (loops_[i].closed) {
        return Refusal{
            312,
            concat(old.name,
                   " is the inner loop of a split that predicates loads or stores, and cannot "
                   "be split again"),
            old.name, "use TailStrategy::GuardWithIf for that split"};
    }
    if (outer.name == inner.name) {
        return Refusal{304, concat("both halves of ", old.name, " would be called ", inner.name),
                       inner.name, ""};
    }
    const Dim from = nest_.dims[i];
    if (Verdict v = check_new_name(outer, from, {from.var})) return v;
    if (Verdict v = check_new_name(inner, from, {from.var})) return v;
    Expr factor;
    if (Verdict v = check_size(factor_said, "factor", true, old.name, &factor)) return v;
    if (tail == TailStrategy::Auto) tail = choose_tail(i, factor);
    if (Verdict v = check_tail(i, tail)) return v;

    Split s;
    s.kind = Split::Kind::Split;
    s.old_var = old.name;
    s.outer = outer.name;
    s.inner = inner.name;
    s.factor = factor;
    s.tail = tail == TailStrategy::Predicate ? TailStrategy::GuardWithIf : tail;
    s.exact = is_rvar(from);
    nest_.splits.push_back(s);

    Dim inner_dim = from, outer_dim = from;
    inner_dim.var = inner.name;
    outer_dim.var = outer.name;
    Loop inner_loop = loops_[i], outer_loop = loops_[i];
    inner_loop.within_split = true;
    inner_loop.closed =
        tail == TailStrategy::PredicateLoads || tail == TailStrategy::PredicateStores;
    if (tail == TailStrategy::ShiftInwards) {
        outer_loop.shifted = factor;
        inner_loop.shifted = Expr();
    }
    if (is_blend(tail)) blended_.insert(loops_[i].roots.begin(), loops_[i].roots.end());
    nest_.dims[i] = outer_dim;
    nest_.dims.insert(nest_.dims.begin() + static_cast<std::ptrdiff_t>(i), inner_dim);
    loops_[i] = outer_loop;
    loops_.insert(loops_.begin() + static_cast<std::ptrdiff_t>(i), inner_loop);
    return {};
}

Verdict NestBuilder::fuse(const LoopName &inner, const LoopName &outer, const LoopName &fused) {
    size_t in = 0, out = 0;
    if (Verdict v = find(inner, &in)) return v;
    if (Verdict v = find(outer, &out)) return v;
    if (in == out)
        return Refusal{304, concat("a loop cannot be fused with itself: ", inner.name), inner.name,
                       ""};
    if (Verdict v = check_not_vectorized(in, "it cannot be fused")) return v;
    if (Verdict v = check_not_vectorized(out, "it cannot be fused")) return v;
    // A Var with an RVar makes an RVar: the iterations of the result must keep the order of the RVar's.
    const Dim &most =
        nest_.dims[in].kind >= nest_.dims[out].kind ? nest_.dims[in] : nest_.dims[out];
    const DimKind kind = most.kind;
    if (Verdict v = check_new_name(fused, most, {inner.name, outer.name})) return v;
    if (Verdict v = move_next_to(out, in)) return v;
    if (Verdict v = find(inner, &in)) return v;
    if (Verdict v = find(outer, &out)) return v;

    Split s;
    s.kind = Split::Kind::Fuse;
    s.old_var = fused.name;
    s.outer = outer.name;
    s.inner = inner.name;
    s.exact = kind != DimKind::PureVar;
    s.mixed = is_rvar(nest_.dims[in]) != is_rvar(nest_.dims[out]);
    nest_.splits.push_back(s);
    nest_.dims[in].var = fused.name;
    nest_.dims[in].kind = kind;
    loops_[in].roots.insert(loops_[out].roots.begin(), loops_[out].roots.end());
    loops_[in].within_split |= loops_[out].within_split;
    loops_[in].closed |= loops_[out].closed;
    loops_[in].shifted = Expr();
    nest_.dims.erase(nest_.dims.begin() + static_cast<std::ptrdiff_t>(out));
    loops_.erase(loops_.begin() + static_cast<std::ptrdiff_t>(out));
    return {};
}

Verdict NestBuilder::rename(const LoopName &old, const LoopName &name) {
    size_t i = 0;
    if (Verdict v = find(old, &i)) return v;
    if (Verdict v = check_new_name(name, nest_.dims[i], {})) return v;
    Split s;
    s.kind = Split::Kind::Rename;
    s.old_var = old.name;
    s.outer = name.name;
    s.exact = is_rvar(nest_.dims[i]);
    nest_.splits.push_back(s);
    nest_.dims[i].var = name.name;
    return {};
}

// --- order

// `order` says which loop stands at each place. Reduction loops that may depend on each other keep their order.
Verdict NestBuilder::check_order(const std::vector<size_t> &order) const {
    size_t last = 0;
    bool first = true;
    for (size_t i : order) {
        if (nest_.dims[i].kind != DimKind::ImpureRVar) continue;
        if (!first && i < last && !any_order_serves(f_, *def_)) {
            return Refusal{314,
                           concat("the iterations of ", nest_.dims[i].var, " and ",
                                  nest_.dims[last].var,
                                  " may depend on each other, and this update is not known to give "
                                  "the same result in "
                                  "any order"),
                           nest_.dims[i].var,
                           concat("keep ", nest_.dims[i].var, " inside ", nest_.dims[last].var)};
        }
        last = first ? i : std::max(last, i);
        first = false;
    }
    return {};
}

Verdict NestBuilder::reorder(const std::vector<LoopName> &loops) {
    std::vector<size_t> said;
    for (const LoopName &l : loops) {
        size_t i = 0;
        if (Verdict v = find(l, &i)) return v;
        if (std::find(said.begin(), said.end(), i) != said.end()) {
            return Refusal{304, concat(l.name, " is named twice"), l.name, ""};
        }
        said.push_back(i);
    }
    std::vector<size_t> places = said;
    std::sort(places.begin(), places.end());
    std::vector<size_t> order(nest_.dims.size());
    for (size_t i = 0; i < order.size(); i++)
        order[i] = i;
    for (size_t i = 0; i < said.size(); i++)
        order[places[i]] = said[i];
    if (Verdict v = check_order(order)) return v;
    std::vector<Dim> dims;
    std::vector<Loop> info;
    for (size_t i : order) {
        dims.push_back(nest_.dims[i]);
        info.push_back(loops_[i]);
    }
    nest_.dims = std::move(dims);
    loops_ = std::move(info);
    return {};
}

// Moves loop `outer` to the place just outside of `inner`.
Verdict NestBuilder::move_next_to(size_t outer, size_t inner) {
    std::vector<size_t> order;
    for (size_t i = 0; i < nest_.dims.size(); i++) {
        if (i == outer) continue;
        order.push_back(i);
        if (i == inner) order.push_back(outer);
    }
    if (Verdict v = check_order(order)) return v;
    std::vector<Dim> dims;
    std::vector<Loop> info;
    for (size_t i : order) {
        dims.push_back(nest_.dims[i]);
        info.push_back(loops_[i]);
    }
    nest_.dims = std::move(dims);
    loops_ = std::move(info);
    return {};
}

Verdict NestBuilder::tile(const std::vector<LoopName> &previous,
                          const std::vector<LoopName> &outers, const std::vector<LoopName> &inners,
                          const std::vector<Expr> &factors,
                          const std::vector<TailStrategy> &tails) {
    const size_t n = previous.size();
    if (outers.size() != n || inners.size() != n || factors.size() != n ||
        (tails.size() != n && tails.size() != 1)) {
        return Refusal{319,
                       concat("the lists have different lengths: ", n, " loops, ", outers.size(),
                              " outer and ", inners.size(), " inner names, ", factors.size(),
                              " factors, ", tails.size(), " tail(s)"),
                       previous.empty() ? "" : previous[0].name, ""};
    }
    std::vector<LoopName> order = inners;
    order.insert(order.end(), outers.begin(), outers.end());
    for (size_t i = 0; i < order.size(); i++) {
        for (size_t j = 0; j < i; j++) {
            if (order[i].name == order[j].name) {
                return Refusal{304, concat(order[i].name, " is named twice"), order[i].name, ""};
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        const TailStrategy tail = tails[tails.size() == 1 ? 0 : i];
        if (Verdict v = split(previous[i], outers[i], inners[i], factors[i], tail)) return v;
    }
    return reorder(order);
}

// --- how loops run

Verdict NestBuilder::set_type(const LoopName &loop, ForType type) {
    size_t i = 0;
    if (Verdict v = find(loop, &i)) return v;
    Dim &d = nest_.dims[i];
    const char *how = type == ForType::Vectorized ? "as vectors" : is_gpu(type) ? "on a GPU" : "in parallel";
    if (type != ForType::Serial) {
        const char *what = is_gpu(type)                ? "its lanes cannot be blocks or threads, too"
                           : type == ForType::Parallel ? "it cannot be parallel, too"
                           : type == ForType::Unrolled ? "it cannot be unrolled"
                                                       : "once is enough";
        if (Verdict v = check_not_vectorized(i, what)) return v;
    }
    if (is_unordered(type) || type == ForType::Vectorized) {
        if (d.kind == DimKind::ImpureRVar && !nest_.allow_race_conditions && !nest_.atomic) {
            return Refusal{317,
                           concat("the iterations of ", d.var,
                                  " may write what others read or write: running them ", how,
                                  " is a race"),
                           d.var,
                           concat("schedule a pure loop so, or say ",
                                  type == ForType::Parallel ? "Race::Private or Race::Atomic as its last argument, " : "atomic() first, ",
                                  "or rfactor(), or allow_race_conditions() if no two iterations meet")};
        }
    }
    if (is_unordered(type) && !nest_.allow_race_conditions) {
        for (int root : loops_[i].roots) {
            if (blended_.contains(root)) {
                return Refusal{
                    313,
                    concat(d.var, " cannot be parallel: it walks along ",
                           root_names_[static_cast<size_t>(root)],
                           ", which was split with a tail that writes neighbouring points back"),
                    d.var, "use TailStrategy::GuardWithIf for that split"};
            }
        }
    }
    d.for_type = type;
    return {};
}

// vectorize(v, factor), unroll(v, factor), parallel(v, task size), and the same without a factor.
Verdict NestBuilder::split_in_place(const Directive &d, ForType type) {
    const LoopName &loop = argument<LoopName>(d, 0);
    const Expr said = argument_or(d, 1, Expr());
    if (f_.external && stage_ == 0 && type != ForType::Parallel) {
        return Refusal{455, concat("a C function computes ", f_.display_name, ": its loops are not ours to run as ",
                                   type == ForType::Vectorized ? "vectors" : "copies of their bodies"),
                       loop.name, "schedule the Funcs that it reads, or that use it"};
    }
    const bool whole = d.args.size() < 2 || std::holds_alternative<std::monostate>(d.args[1]);
    if (whole) return set_type(loop, type);
    size_t i = 0;
    if (Verdict v = find(loop, &i)) return v;
    if (type != ForType::Parallel && said.defined()) {
        const char *what = type == ForType::Vectorized ? "vector" : "unroll";
        int64_t factor = 0;
        if (said.type().is_int_or_uint() && !as_const_int(said, &factor))
            return no_constant(loop.name, what);
        if (factor > most_copies) {
            return Refusal{318,
                           concat("the ", what, " factor of ", loop.name, " is ", factor,
                                  ", more than ", most_copies),
                           loop.name, "split the loop, and use a smaller factor for the inner one"};
        }
    }
    const char *suffix = type == ForType::Vectorized ? ".v"
                         : type == ForType::Unrolled ? ".u"
                                                     : ".t";
    LoopName inner;
    if (Verdict v = split_off(d, suffix, &inner)) return v;
    if (type != ForType::Parallel) return set_type(inner, type);
    return set_type(loop, type);
}

Verdict NestBuilder::split_off(const Directive &d, const char *suffix, LoopName *inner) {
    const LoopName &loop = argument<LoopName>(d, 0);
    *inner = {fresh_name(loop.name + suffix)};
    return split(loop, loop, *inner, argument<Expr>(d, 1), argument_or(d, 2, TailStrategy::Auto));
}

Verdict NestBuilder::run_in_parallel(const Directive &d) {
    const Race race = argument_or(d, 3, Race::Refuse);
    if (race == Race::Refuse) return split_in_place(d, ForType::Parallel);
    if (race == Race::Private && factored_ < f_.stage(stage_).factorings.size()) return factor(d);
    size_t i = 0;
    if (Verdict v = find(argument<LoopName>(d, 0), &i)) return v;
    const bool meet = nest_.dims[i].kind == DimKind::ImpureRVar && !nest_.allow_race_conditions && !nest_.atomic;
    if (race == Race::Private) {
        if (meet) return privatize(d);
        return Refusal{344, concat("there is no race that copies would resolve: the iterations of ", nest_.dims[i].var,
                                   nest_.atomic                  ? " are atomic"
                                   : nest_.allow_race_conditions ? " are said not to meet"
                                                                 : " update different elements"),
                       nest_.dims[i].var, "leave Race::Private out"};
    }
    if (meet) {
        if (Verdict v = set_atomic(false)) return v;
    }
    return split_in_place(d, ForType::Parallel);
}

// One that is not recorded yet: with the loops that are to be factored, it is an rfactor.
Verdict NestBuilder::privatize(const Directive &d) {
    LoopName inner;
    if (has_task_size(d)) {
        if (Verdict v = split_off(d, ".t", &inner)) return v;
    }
    return factor(as_rfactor(f_, nest_, d));
}

Verdict NestBuilder::set_atomic(bool trusted) {
    if (!trusted && !any_order_serves(f_, *def_)) {
        return Refusal{342,
                       concat("the update of ", f_.display_name,
                              " is not known to give the same result in any order, so no atomic access makes it right"),
                       "", "say atomic(true) if it does, all the same"};
    }
    nest_.atomic = true;
    nest_.trusted = trusted;
    return {};
}

Verdict NestBuilder::factor(const Directive &d) {
    const auto &made = f_.stage(stage_).factorings;
    if (in_branch_ || !conditions_.empty() || fails_) {
        return Refusal{343, "all branches of a stage compute the same definition", "",
                       "factor it before it is specialized"};
    }
    if (factored_ < made.size()) {  // it was legal when it was recorded
        start(made[factored_++]->merge);
        inlined_.clear();
        return {};
    }
    for (const LoopName &l : argument<std::vector<LoopName>>(d, 0)) {
        size_t i = 0;
        if (stage_ == 0) break;
        if (Verdict v = find(l, &i)) return v;
    }
    return check_factoring(f_, stage_, definition_of(f_, stage_), nest_, d);
}

// Whether the loops fit those of the other stage is seen when the pipeline is lowered: until then, both may change.
Verdict NestBuilder::compute_with(const Directive &d) {
    const LoopLevel &level = argument<LoopLevel>(d, 0);
    const auto align = argument_or(d, 1, std::vector<LoopAlignStrategy>{LoopAlignStrategy::Auto});
    const auto loops = argument_or(d, 2, std::vector<LoopName>());
    if (!loops.empty() && align.size() != 1 && align.size() != loops.size()) {
        return Refusal{319, concat("the lists have different lengths: ", loops.size(), " loops, ", align.size(), " alignments"),
                       loops[0].name, ""};
    }
    ComputeWith with{level, {}, d.location};
    if (loops.empty()) with.align.emplace_back("", align[0]);
    for (size_t i = 0; i < loops.size(); i++) {
        with.align.emplace_back(loops[i].name, align[align.size() == 1 ? 0 : i]);
    }
    nest_.with = std::move(with);
    return {};
}

Verdict NestBuilder::set_partition(const std::vector<LoopName> &loops, Partition policy) {
    for (const LoopName &l : loops) {
        size_t i = 0;
        if (Verdict v = find(l, &i)) return v;
        nest_.dims[i].partition = policy;
    }
    return {};
}

Verdict NestBuilder::apply(const Directive &d) {
    const size_t before = directives_++;
    auto name = [&](size_t i) -> const LoopName & { return argument<LoopName>(d, i); };
    auto names = [&](size_t i) -> const std::vector<LoopName> & {
        return argument<std::vector<LoopName>>(d, i);
    };
    switch (d.kind) {
    case DirectiveKind::split:
        return split(name(0), name(1), name(2), argument<Expr>(d, 3),
                     argument_or(d, 4, TailStrategy::Auto));
    case DirectiveKind::fuse: return fuse(name(0), name(1), name(2));
    case DirectiveKind::rename: return rename(name(0), name(1));
    case DirectiveKind::tile:
        return tile({name(0), name(1)}, {name(2), name(3)}, {name(4), name(5)},
                    {argument<Expr>(d, 6), argument<Expr>(d, 7)},
                    {argument_or(d, 8, TailStrategy::Auto)});
    case DirectiveKind::tile_nd:
        return tile(names(0), names(1), names(2), argument<std::vector<Expr>>(d, 3),
                    argument_or(d, 4, std::vector<TailStrategy>{TailStrategy::Auto}));
    case DirectiveKind::reorder: return reorder(names(0));
    case DirectiveKind::vectorize: return split_in_place(d, ForType::Vectorized);
    case DirectiveKind::unroll: return split_in_place(d, ForType::Unrolled);
    case DirectiveKind::parallel: return run_in_parallel(d);
    case DirectiveKind::gpu_blocks:
    case DirectiveKind::gpu_threads:
    case DirectiveKind::gpu_lanes:
    case DirectiveKind::gpu_tile:
    case DirectiveKind::gpu_single_thread: return run_on_device(d);
    case DirectiveKind::serial: return set_type(name(0), ForType::Serial);
    case DirectiveKind::partition: return set_partition({name(0)}, argument<Partition>(d, 1));
    case DirectiveKind::never_partition: return set_partition(names(0), Partition::Never);
    case DirectiveKind::always_partition: return set_partition(names(0), Partition::Always);
    case DirectiveKind::never_partition_all:
    case DirectiveKind::always_partition_all:
        for (Dim &dim : nest_.dims) {
            dim.partition =
                d.kind == DirectiveKind::never_partition_all ? Partition::Never : Partition::Always;
        }
        return {};
    case DirectiveKind::rfactor: return factor(d);
    case DirectiveKind::atomic: return set_atomic(argument_or(d, 0, false));
    case DirectiveKind::compute_with: return compute_with(d);
    case DirectiveKind::prefetch: return prefetch(d);
    case DirectiveKind::stream_loads:
        nest_.streamed_loads.push_back(argument<std::string>(d, 0));
        return {};
    case DirectiveKind::stream_stores: nest_.stream_stores = true; return {};
    case DirectiveKind::allow_race_conditions: nest_.allow_race_conditions = true; return {};
    case DirectiveKind::eager_inline: {
        if (in_branch_) {
            return Refusal{331, "all branches of a stage compute the same definition", "", "say it of the stage itself"};
        }
        const auto &names_said = argument<std::vector<std::string>>(d, 0);
        if (Verdict v = check_eager_inline(f_, *def_, inlined_, names_said)) return v;
        inlined_.insert(inlined_.end(), names_said.begin(), names_said.end());
        return {};
    }
    case DirectiveKind::specialize:
        if (fails_) {
            return Refusal{327, "no condition is looked at after specialize_fail", "", "say specialize_fail last"};
        }
        if (Verdict v = check_condition(argument<Expr>(d, 0))) return v;
        for (const Expr &known : conditions_) {
            if (!equal(known, argument<Expr>(d, 0))) continue;
            return Refusal{329, "there is a branch with this condition already", "", "say more of that branch"};
        }
        conditions_.push_back(argument<Expr>(d, 0));
        return {};
    case DirectiveKind::specialize_fail:
        if (fails_) return Refusal{327, "the stage has a specialize_fail already", "", ""};
        if (argument<std::string>(d, 0).empty()) return Refusal{328, "the message is empty", "", ""};
        fails_ = true;
        return {};
    case DirectiveKind::unscheduled:
        if (before > 0)
            return Refusal{321, "the stage has directives", "", "leave unscheduled() out"};
        return {};
    default: break;
    }
    HEDDLE_ASSERT(false, info(d.kind).name, " is not about loops");
    return {};
}

}  // namespace heddle::Internal
