#include "heddle/derivative.h"

#include <algorithm>
#include <optional>

#include "analysis/box.h"
#include "analysis/simplify.h"
#include "heddle/boundary_conditions.h"
#include "heddle/scatter.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "language/define.h"
#include "language/derivative/expr_adjoints.h"
#include "language/parameter.h"
#include "language/reachable.h"
#include "language/scatter.h"

namespace heddle {

using namespace Internal;

namespace {

using FuncKey = Derivative::FuncKey;

/** In place of the number of an update: an image or a Param, which may have the name of a Func. */
constexpr int of_input = -2;

/** A variable that a contribution ranges over: min ... min + extent - 1. */
struct Ranging {
    Symbol symbol;
    Expr min, extent;
    bool may_be_solved;  ///< a Var: a target index that is this plus something determines it
};

/** adjoint[value_index] at `args` grows by `value`, for all values of the variables where the predicate holds. */
struct Contribution {
    ExprList args;
    size_t value_index = 0;
    Expr value, predicate;
    std::vector<Ranging> over;
};

Expr last_of(const Ranging &r) {
    return r.min + r.extent - 1;
}

bool mentions(const Expr &e, const std::vector<Ranging> &variables, bool solved_only) {
    return std::any_of(variables.begin(), variables.end(),
                       [&](const Ranging &r) { return (r.may_be_solved || !solved_only) && uses(e, r.symbol); });
}

// The offset c of e == v + c, with v one of the Vars, and which one.
std::optional<std::pair<size_t, Expr>> solved(const Expr &e, const std::vector<Ranging> &over) {
    if (const Variable *v = e.as<Variable>()) {
        for (size_t i = 0; i < over.size(); i++) {
            if (over[i].may_be_solved && over[i].symbol == v->symbol) return {{i, Expr(0)}};
        }
        return std::nullopt;
    }
    const auto side = [&](const Expr &inner, const Expr &other, bool minus) -> std::optional<std::pair<size_t, Expr>> {
        if (mentions(other, over, true)) return std::nullopt;
        auto s = solved(inner, over);
        if (s) s->second = minus ? s->second - other : s->second + other;
        return s;
    };
    if (const Add *n = e.as<Add>()) {
        if (auto s = side(n->a, n->b, false)) return s;
        return side(n->b, n->a, false);
    }
    if (const Sub *n = e.as<Sub>()) return side(n->a, n->b, true);
    return std::nullopt;
}

// Adds the contribution to `target`, which is defined: as a sum over what the indices leave open, and otherwise
// as the value that each element gets.
void contribute(Func target, const Contribution &c) {
    const ExprList vars = target.function()->pure.args;
    std::vector<std::optional<std::pair<size_t, Expr>>> solutions(c.args.size());
    std::vector<bool> found(c.over.size(), false);
    for (size_t k = 0; k < c.args.size(); k++) {
        const auto s = solved(c.args[k], c.over);
        if (!s || found[s->first]) continue;
        found[s->first] = true;
        solutions[k] = s;
    }
    Substitution map;
    RDom domain;
    heddle::Region region;
    for (size_t i = 0; i < c.over.size(); i++) {
        if (!found[i]) region.emplace_back(c.over[i].min, c.over[i].extent);
    }
    if (!region.empty()) {
        domain = RDom(region);
        int next = 0;
        for (size_t i = 0; i < c.over.size(); i++) {
            if (!found[i]) map[c.over[i].symbol] = domain[next++];
        }
    }
    // The offsets of solved indices mention open variables only.
    const Substitution open = map;
    ExprList left(c.args.size());
    Expr inside;
    for (size_t k = 0; k < c.args.size(); k++) {
        if (!solutions[k]) continue;
        const Ranging &r = c.over[solutions[k]->first];
        left[k] = vars[k];
        const Expr index = vars[k] - substitute(open, solutions[k]->second);
        const Expr covered = index >= r.min && index <= last_of(r);
        inside = inside.defined() ? inside && covered : covered;
        map[r.symbol] = clamp(index, r.min, last_of(r));
    }
    const auto placed = [&](const Expr &e) { return substitute(map, e); };
    Expr value = placed(c.value);
    if (c.predicate.defined()) {
        const Expr predicate = placed(c.predicate);
        if (domain.defined()) {
            domain.where(predicate);
        } else {
            inside = inside.defined() ? inside && predicate : predicate;
        }
    }
    if (inside.defined()) value = select(inside, value, make_zero(value.type()));
    for (size_t k = 0; k < left.size(); k++) {
        if (!left[k].defined()) left[k] = placed(c.args[k]);
    }
    FuncRef place = target(left);
    const Type t = target.types()[c.value_index];
    value = cast(t, value);
    if (target.outputs() == 1) {
        place += value;
    } else {
        place[static_cast<int>(c.value_index)] += value;
    }
}

/** What leaves of expressions are derivatives of. */
class Propagation {
public:
    Derivative run(const Func &output, const Func &adjoint, const heddle::Region &bounds) {
        const Functions reached = functions_reached({output.function()});
        find_regions(reached, output, bounds);
        const std::shared_ptr<const Function> out = output.function();
        Func start = make_adjoint(*out);
        std::vector<Ranging> over = ranging(*out);
        if (adjoint.dimensions() != output.dimensions() || adjoint.outputs() != output.outputs()) {
            refuse(294, out->name, {}, concat("the adjoint of ", out->name, " has other dimensions or values than it"));
        }
        for (size_t k = 0; k < out->types.size(); k++) {
            const ExprList at(out->pure.args);
            const FuncRef value = adjoint(at);
            contribute(start, {at, k, adjoint.outputs() == 1 ? Expr(value) : Expr(value[static_cast<int>(k)]), Expr(), over});
        }
        current_.emplace(out.get(), start);
        for (size_t i = reached.size(); i-- > 0;) function(reached[i]);
        return Derivative(std::move(made_));
    }

private:
    // --- regions

    std::vector<Ranging> ranging(const Function &f) const {
        std::vector<Ranging> list;
        const heddle::Region &r = regions_.at(&f);
        for (size_t d = 0; d < f.args.size(); d++) list.push_back({f.arg_symbols[d], r[d].min, r[d].extent, true});
        return list;
    }
    static void add_rdom(const Definition &u, std::vector<Ranging> &list) {
        if (!u.rdom) return;
        for (const ReductionVariable &v : u.rdom->variables) list.push_back({v.symbol, v.min, v.extent, false});
    }

    void find_regions(const Functions &reached, const Func &output, const heddle::Region &bounds) {
        if (bounds.size() != static_cast<size_t>(output.dimensions())) {
            refuse(294, output.name(), {},
                   concat("Func ", output.name(), " has ", output.dimensions(), " dimension(s), but bounds are given for ", bounds.size()));
        }
        Boxes boxes;
        Box box;
        for (const heddle::Range &r : bounds) box.bounds.emplace_back(r.min, simplify(r.min + r.extent - 1));
        boxes[output.function()->symbol] = box;
        for (size_t i = reached.size(); i-- > 0;) {
            const Function &f = *reached[i];
            for (int s = f.stages() - 1; s >= 0; s--) add_reads(f, f.stage(s), boxes);
            heddle::Region &region = regions_[&f];
            const auto it = boxes.find(f.symbol);
            for (size_t d = 0; d < f.args.size(); d++) {
                if (it == boxes.end() || !it->second[d].is_bounded()) {
                    refuse(295, f.name, {},
                           concat("the region of ", f.name, " that the output needs is not known in dimension ", f.args[d]),
                           "clamp() the index with which it is read");
                }
                const Interval &b = it->second[d];
                region.emplace_back(b.min, simplify(b.max - b.min + 1));
            }
        }
    }

    // What a stage reads, and for updates what it writes, while f covers its box.
    static void add_reads(const Function &f, const Definition &u, Boxes &boxes) {
        Scope<Interval> scope;
        const auto own = boxes.find(f.symbol);
        for (size_t d = 0; d < f.args.size(); d++) {
            if (own != boxes.end()) scope.push(f.arg_symbols[d], own->second[d]);
        }
        if (u.rdom) {
            for (const ReductionVariable &v : u.rdom->variables) scope.push(v.symbol, {v.min, simplify(v.min + v.extent - 1)});
        }
        const auto unite = [&](const Symbol &s, const Box &b) {
            const auto [it, added] = boxes.emplace(s, b);
            if (!added) it->second = box_union(it->second, b);
        };
        ExprList all = u.values;
        all.insert(all.end(), u.args.begin(), u.args.end());
        if (u.predicate.defined()) all.push_back(u.predicate);
        for (const Expr &e : all) {
            for (const auto &[symbol, box] : boxes_touched(e, scope)) unite(symbol, box);
        }
        Box written;
        std::vector<Expr> conditions;
        if (u.predicate.defined()) conditions.push_back(u.predicate);
        for (const Expr &e : u.args) written.bounds.push_back(bounds_of(e, scope, conditions));
        if (!u.args.empty()) unite(f.symbol, written);
    }

    // --- adjoint Funcs

    static Func zeros(const std::string &name, const ExprList &vars, const Types &types) {
        Func f(name);
        ExprList values;
        for (const Type &t : types) values.push_back(make_zero(t.is_float() ? t : Float(32)));
        f(vars) = Tuple(values);
        f.compute_root();
        return f;
    }
    static Func make_adjoint(const Function &f) {
        return zeros(f.display_name + "_adjoint", f.pure.args, f.types);
    }

    // The adjoint of what a leaf refers to, made at its first use; null for what has none.
    Func *target_of(const Expr &leaf) {
        if (const Access *a = leaf.as<Access>()) {
            if (const auto f = function_of(*a)) return &current_.try_emplace(f.get(), make_lazily(*f)).first->second;
            const auto p = parameter_of(*a);
            ExprList vars;
            for (size_t d = 0; d < a->args.size(); d++) vars.push_back(Var::implicit(static_cast<int>(d)));
            return named(p->name, vars, p->type);
        }
        const auto p = parameter_of(*leaf.as<Variable>());
        return p->is_buffer ? nullptr : named(p->name, {}, p->type);
    }
    Func make_lazily(const Function &f) {
        return current_.count(&f) ? Func(std::shared_ptr<Function>()) : make_adjoint(f);
    }
    Func *named(const std::string &name, const ExprList &vars, Type t) {
        const auto it = made_.find({name, of_input});
        if (it != made_.end()) return &it->second;
        return &made_.emplace(FuncKey{name, of_input}, zeros(name + "_adjoint", vars, {t})).first->second;
    }

    // --- stages

    void function(const std::shared_ptr<const Function> &f) {
        const auto it = current_.find(f.get());
        if (it == current_.end()) return;  // nothing that is differentiable reads it
        for (int s = f->stages() - 1; s > 0; s--) {
            made_.emplace(FuncKey{f->name, s - 1}, it->second);
            it->second = update(f, s, it->second);
        }
        made_.emplace(FuncKey{f->name, -1}, it->second);
        const Definition &pure = f->pure;
        for (size_t k = 0; k < pure.values.size(); k++) {
            propagate(*f, pure.values[k], value_at(it->second, pure.args, k), Expr(), ranging(*f));
        }
    }

    static Expr value_at(const Func &adjoint, const ExprList &args, size_t k) {
        const FuncRef ref = adjoint(args);
        return adjoint.outputs() == 1 ? Expr(ref) : Expr(ref[static_cast<int>(k)]);
    }

    // All leaves of e but those of f itself.
    void propagate(const Function &f, const Expr &e, const Expr &adjoint, const Expr &predicate,
                   const std::vector<Ranging> &over, const Substitution &map = {}) {
        if (!e.type().is_float()) return;
        for (const LeafAdjoint &leaf : leaf_adjoints(e, adjoint, f.name)) {
            const Access *a = leaf.leaf.as<Access>();
            if (a && a->buffer == f.symbol) continue;
            Func *target = target_of(leaf.leaf);
            if (!target) continue;
            Contribution c{a ? a->args : ExprList{}, a ? static_cast<size_t>(a->value_index) : 0, leaf.adjoint, predicate, over};
            if (!map.empty()) {
                for (Expr &x : c.args) x = substitute(map, x);
                c.value = substitute(map, c.value);
                if (predicate.defined()) c.predicate = substitute(map, predicate);
            }
            contribute(*target, c);
        }
    }

    static bool reads(const Expr &e, const Function &f) {
        bool found = false;
        walk_graph(e, [&](const Access &a) { found |= a.buffer == f.symbol; });
        return found;
    }
    static bool is_undef(const Expr &e) {
        const Call *c = e.as<Call>();
        return c && c->op == CallOp::undef;
    }
    static bool is_old_value(const Expr &e, const Function &f, const Definition &u, size_t k) {
        const Access *a = e.as<Access>();
        if (!a || a->buffer != f.symbol || a->value_index != static_cast<int>(k)) return false;
        for (size_t d = 0; d < u.args.size(); d++) {
            if (!equal(a->args[d], u.args[d])) return false;
        }
        return true;
    }
    // The part of value k that is added to the old one: zero where it is kept, undefined when it is no sum.
    static Expr addend(const Function &f, const Definition &u, size_t k) {
        const Expr &v = u.values[k];
        if (is_undef(v) || is_old_value(v, f, u, k)) return make_zero(v.type());
        if (const Add *n = v.as<Add>()) {
            if (is_old_value(n->a, f, u, k) && !reads(n->b, f)) return n->b;
            if (is_old_value(n->b, f, u, k) && !reads(n->a, f)) return n->a;
        }
        if (const Sub *n = v.as<Sub>(); n && is_old_value(n->a, f, u, k) && !reads(n->b, f)) return -n->b;
        return Expr();
    }

    // Takes the adjoint after update s to the one before it.
    Func update(const std::shared_ptr<const Function> &f, int s, const Func &after) {
        const Definition &u = f->stage(s);
        if (stores_at_once(u.args, u.values) > 1) refuse_update(*f, "makes several stores at once");
        std::vector<Ranging> over;
        bool args_are_vars = true;
        for (size_t d = 0; d < u.args.size(); d++) {
            const Variable *v = u.args[d].as<Variable>();
            const bool is_var = v && v->symbol == f->arg_symbols[d];
            args_are_vars = args_are_vars && is_var;
            if (is_var) over.push_back(ranging(*f)[d]);
        }
        const size_t vars = over.size();
        add_rdom(u, over);
        ExprList sums;
        for (size_t k = 0; k < u.values.size(); k++) sums.push_back(addend(*f, u, k));
        for (const Expr &e : u.args) {
            if (reads(e, *f)) refuse_update(*f, "writes where its own values say");
        }
        const bool several = over.size() > vars;
        const bool chosen = u.predicate.defined() && reads(u.predicate, *f);
        if (chosen && !(several && args_are_vars)) refuse_update(*f, "has a predicate that reads it");
        if (!chosen && std::all_of(sums.begin(), sums.end(), [](const Expr &e) { return e.defined(); })) {
            for (size_t k = 0; k < sums.size(); k++) propagate(*f, sums[k], value_at(after, u.args, k), u.predicate, over);
            return after;
        }
        if (several && args_are_vars) return through_history(f, s, after, over, vars);
        if (several && !each_writes_its_own(u)) refuse_update(*f, "overwrites an element several times");
        return overwritten(f, s, several ? with_later_steps(*f, s, after) : after, over);
    }

    [[noreturn]] static void refuse_update(const Function &f, const char *why) {
        refuse(294, f.name, {}, concat("an update of ", f.name, " ", why, ": its derivative is not known"),
               "write it with += of terms that do not read the Func, or with another dimension for the steps");
    }

    // e == sign * variable + offset, of reduction variable `variable`.
    struct Step {
        size_t variable;
        int64_t offset;
        int sign;
    };
    static std::optional<Step> step_of(const Expr &e, const Definition &u) {
        std::vector<Ranging> variables;
        add_rdom(u, variables);
        for (Ranging &r : variables) r.may_be_solved = true;
        int64_t c;
        if (const Sub *n = e.as<Sub>(); n && as_const_int(n->a, &c)) {
            const auto s = solved(n->b, variables);
            int64_t inner;
            if (s && as_const_int(simplify(s->second), &inner)) return Step{s->first, c - inner, -1};
        }
        const auto s = solved(e, variables);
        if (!s || !as_const_int(simplify(s->second), &c)) return std::nullopt;
        return Step{s->first, c, 1};
    }

    // Whether different iterations write different elements.
    static bool each_writes_its_own(const Definition &u) {
        std::vector<bool> apart(u.rdom->variables.size(), false);
        for (const Expr &e : u.args) {
            if (const auto step = step_of(e, u)) apart[step->variable] = true;
        }
        return std::find(apart.begin(), apart.end(), false) == apart.end();
    }

    enum class When { Same, Earlier, Later };
    // Which iteration of a write-once update writes what it reads there.
    static When written(const Function &f, const Definition &u, const ExprList &read) {
        std::vector<std::optional<int64_t>> shift(u.rdom->variables.size());
        for (size_t d = 0; d < u.args.size(); d++) {
            if (equal(u.args[d], read[d])) continue;
            const auto to = step_of(u.args[d], u), from = step_of(read[d], u);
            if (!to || !from || to->variable != from->variable || to->sign != from->sign) {
                refuse_update(f, "reads elements of the Func of which it is not known when they are written");
            }
            shift[to->variable] = (from->offset - to->offset) * to->sign;
        }
        for (size_t i = shift.size(); i-- > 0;) {  // the last variable is the outermost loop
            if (shift[i].value_or(0) != 0) return *shift[i] < 0 ? When::Earlier : When::Later;
        }
        return When::Same;
    }

    // The adjoint with what later steps of a recurrence add to the elements that they read: the steps backwards.
    Func with_later_steps(const Function &f, int s, const Func &after) {
        const Definition &u = f.stage(s);
        std::vector<ExprList> places;       // read by later steps
        std::vector<ExprList> sums;         // by place, then by value
        Func steps(f.display_name + "_backward");
        const ExprList &everywhere = f.pure.args;
        ExprList kept;
        for (size_t k = 0; k < u.values.size(); k++) kept.push_back(value_at(after, everywhere, k));
        steps(everywhere) = Tuple(kept);
        for (size_t k = 0; k < u.values.size(); k++) {
            if (is_undef(u.values[k]) || !u.values[k].type().is_float()) continue;
            for (const LeafAdjoint &leaf : leaf_adjoints(u.values[k], value_at(steps, u.args, k), f.name)) {
                const Access *read = leaf.leaf.as<Access>();
                if (!read || read->buffer != f.symbol || written(f, u, read->args) != When::Earlier) continue;
                size_t place = 0;
                const auto same = [&](const ExprList &p) {
                    for (size_t d = 0; d < p.size(); d++) {
                        if (!equal(p[d], read->args[d])) return false;
                    }
                    return true;
                };
                while (place < places.size() && !same(places[place])) place++;
                if (place == places.size()) {
                    places.push_back(read->args);
                    sums.emplace_back();
                    for (const Expr &e : kept) sums.back().push_back(make_zero(e.type()));
                }
                Expr &sum = sums[place][static_cast<size_t>(read->value_index)];
                sum = sum + cast(sum.type(), leaf.adjoint);
            }
        }
        if (places.empty()) return after;
        const Func now = before(f, s + 1), old = before(f, s);
        heddle::Region region;
        std::vector<Ranging> rvars;
        add_rdom(u, rvars);
        for (const Ranging &r : rvars) region.emplace_back(0, r.extent);
        const RDom q(region);
        Substitution backwards;
        for (size_t i = 0; i < rvars.size(); i++) backwards[rvars[i].symbol] = last_of(rvars[i]) - q[static_cast<int>(i)];
        const auto at_step = [&](const Expr &e) { return substitute(backwards, with_values(e, f, u, now, old)); };
        ExprList left, right;
        for (size_t d = 0; d < u.args.size(); d++) {
            std::vector<Expr> operands;
            for (const ExprList &p : places) operands.push_back(at_step(p[d]));
            const bool all_equal = std::all_of(operands.begin(), operands.end(), [&](const Expr &e) { return equal(e, operands[0]); });
            left.push_back(all_equal ? operands[0] : scatter(operands));
        }
        for (size_t k = 0; k < kept.size(); k++) {
            std::vector<Expr> operands;
            for (const ExprList &sum : sums) {
                Expr e = at_step(sum[k]);
                if (u.predicate.defined()) e = select(at_step(u.predicate), e, make_zero(e.type()));
                operands.push_back(e);
            }
            right.push_back(operands.size() == 1 ? operands[0] : gather(operands));
        }
        steps(left) += Tuple(right);
        steps.compute_root();
        return steps;
    }

    // Own reads as reads of the values at that time: after the update for what an earlier iteration wrote.
    static Expr with_values(const Expr &e, const Function &f, const Definition &u, const Func &now, const Func &old) {
        return with_own_reads(e, f, [&](const Access &a) {
            const bool is_new = u.rdom && written(f, u, a.args) == When::Earlier;
            return use(is_new ? now : old, a.args, a.value_index);
        });
    }

    // f with its first `stages` stages only.
    static Func before(const Function &f, int stages) {
        Func copy(f.display_name + "_before");
        Function &g = *copy.function();
        ExprList args = f.pure.args;
        define_pure(g, args, f.pure.values, {});
        for (int s = 1; s < stages; s++) {
            const Definition &u = f.stage(s);
            if (u.predicate.defined() && reads(u.predicate, f)) refuse_update(f, "has a predicate that reads it");
            ExprList values;
            const auto own = [&](const Expr &e) { return with_own_reads(e, f, [&](const Access &a) { return use(copy, a.args, a.value_index); }); };
            for (const Expr &e : u.values) values.push_back(own(e));
            ExprList left;
            for (const Expr &e : u.args) left.push_back(own(e));
            define_update(g, left, values, {}, u.rdom);
        }
        if (stages > 1) copy.compute_root();
        return copy;
    }
    static Expr use(const Func &g, const ExprList &args, int k) {
        const FuncRef ref = g(args);
        return g.outputs() == 1 ? Expr(ref) : Expr(ref[k]);
    }
    template<typename Use>
    static Expr with_own_reads(const Expr &e, const Function &f, const Use &replace) {
        return rewrite_graph(e, [&](const Access &a) -> Expr { return a.buffer == f.symbol ? replace(a) : Expr(&a); });
    }

    // Each element is written by one iteration at most, from values that were there before the update.
    Func overwritten(const std::shared_ptr<const Function> &f, int s, const Func &after, const std::vector<Ranging> &over) {
        const Definition &u = f->stage(s);
        const Func old = before(*f, s), now = before(*f, s + 1);
        const auto own = [&](const Expr &e) { return with_values(e, *f, u, now, old); };
        Func previous(f->display_name + "_adjoint");
        const ExprList &everywhere = f->pure.args;
        ExprList kept, cleared;
        for (size_t k = 0; k < u.values.size(); k++) {
            kept.push_back(value_at(after, everywhere, k));
            cleared.push_back(is_undef(u.values[k]) ? undef(kept.back().type()) : make_zero(kept.back().type()));
        }
        previous(everywhere) = Tuple(kept);
        define_update(*previous.function(), u.args, cleared, {}, u.rdom);
        previous.compute_root();
        for (size_t k = 0; k < u.values.size(); k++) {
            if (is_undef(u.values[k]) || !u.values[k].type().is_float()) continue;
            const Expr a = value_at(after, u.args, k);
            const Expr predicate = u.predicate.defined() ? own(u.predicate) : Expr();
            for (const LeafAdjoint &leaf : leaf_adjoints(u.values[k], a, f->name)) {
                const Access *read = leaf.leaf.as<Access>();
                const bool is_own = read && read->buffer == f->symbol;
                if (is_own && u.rdom && written(*f, u, read->args) == When::Earlier) continue;  // in `after` already
                Func *target = is_own ? &previous : target_of(leaf.leaf);
                if (!target) continue;
                Contribution c{read ? read->args : ExprList{}, read ? static_cast<size_t>(read->value_index) : 0,
                               own(leaf.adjoint), predicate, over};
                for (Expr &e : c.args) e = own(e);
                contribute(*target, c);
            }
        }
        return previous;
    }

    // A reduction over an RDom that every element goes through: the values before each of its steps are kept.
    Func through_history(const std::shared_ptr<const Function> &f, int s, const Func &after,
                         const std::vector<Ranging> &over, size_t vars) {
        const Definition &u = f->stage(s);
        const ExprList &at = f->pure.args;
        const Var step;
        Expr steps = 1;
        for (size_t i = vars; i < over.size(); i++) steps = steps * over[i].extent;
        // The reduction variables at step t, the first fastest.
        const auto variables_at = [&](const Expr &t) {
            Substitution map;
            Expr rest = t;
            for (size_t i = vars; i < over.size(); i++) {
                const bool last = i + 1 == over.size();
                map[over[i].symbol] = over[i].min + (last ? rest : rest % over[i].extent);
                if (!last) rest = rest / over[i].extent;
            }
            return map;
        };
        const auto with_step = [&](const ExprList &args, const Expr &t) {
            ExprList all = args;
            all.push_back(t);
            return all;
        };
        // history(x, t): the values before step t.
        const Func old = before(*f, s);
        Func history(f->display_name + "_history");
        const auto at_step = [&](const Expr &e, const Expr &t) {
            const Expr read = with_own_reads(e, *f, [&](const Access &a) { return use(history, with_step(a.args, t), a.value_index); });
            return substitute(variables_at(t), read);
        };
        ExprList first, next, before_step;
        for (size_t k = 0; k < u.values.size(); k++) first.push_back(use(old, at, static_cast<int>(k)));
        const ExprList xt = with_step(at, step);
        history(xt) = Tuple(first);
        const RDom t(0, steps);
        for (size_t k = 0; k < u.values.size(); k++) {
            const Expr kept = use(history, with_step(at, t), static_cast<int>(k));
            Expr value = is_undef(u.values[k]) ? kept : at_step(u.values[k], t);
            if (u.predicate.defined()) value = select(at_step(u.predicate, t), value, kept);
            next.push_back(value);
        }
        history(with_step(at, t + 1)) = Tuple(next);
        history.compute_root();
        // backward(x, t): the derivative with respect to those values.
        Func backward(f->display_name + "_backward");
        ExprList finally;
        for (size_t k = 0; k < u.values.size(); k++) finally.push_back(value_at(after, at, k));
        backward(xt) = Tuple(finally);
        const RDom q(0, steps);
        const Expr now = steps - 1 - q;
        ExprList sums(u.values.size());
        for (size_t k = 0; k < u.values.size(); k++) sums[k] = make_zero(finally[k].type());
        for (size_t k = 0; k < u.values.size(); k++) {
            const Expr a = use(backward, with_step(at, now + 1), static_cast<int>(k));
            Expr kept = make_zero(a.type());
            if (is_undef(u.values[k])) {
                kept = a;
            } else if (u.predicate.defined()) {
                kept = select(at_step(u.predicate, now), make_zero(a.type()), a);
            }
            sums[k] = sums[k] + kept;
            if (is_undef(u.values[k]) || !u.values[k].type().is_float()) continue;
            for (const LeafAdjoint &leaf : leaf_adjoints(u.values[k], a, f->name)) {
                const Access *read = leaf.leaf.as<Access>();
                if (!read || read->buffer != f->symbol) continue;
                Expr d = at_step(leaf.adjoint, now);
                if (u.predicate.defined()) d = select(at_step(u.predicate, now), d, make_zero(d.type()));
                Expr &sum = sums[static_cast<size_t>(read->value_index)];
                sum = sum + cast(sum.type(), d);
            }
        }
        backward(with_step(at, now)) = Tuple(sums);
        backward.compute_root();
        // What the steps give others.
        std::vector<Ranging> all(over.begin(), over.begin() + static_cast<std::ptrdiff_t>(vars));
        const Var at_time;
        const Symbol time = Expr(at_time).as<Variable>()->symbol;
        all.push_back({time, 0, steps, false});
        for (size_t k = 0; k < u.values.size(); k++) {
            if (is_undef(u.values[k]) || !u.values[k].type().is_float()) continue;
            const Expr a = use(backward, with_step(at, at_time + 1), static_cast<int>(k));
            for (const LeafAdjoint &leaf : leaf_adjoints(u.values[k], a, f->name)) {
                const Access *read = leaf.leaf.as<Access>();
                if (read && read->buffer == f->symbol) continue;
                Func *target = target_of(leaf.leaf);
                if (!target) continue;
                Contribution c{read ? read->args : ExprList{}, read ? static_cast<size_t>(read->value_index) : 0,
                               at_step(leaf.adjoint, at_time), Expr(), all};
                for (Expr &e : c.args) e = at_step(e, at_time);
                if (u.predicate.defined()) c.predicate = at_step(u.predicate, at_time);
                contribute(*target, c);
            }
        }
        Func previous(f->display_name + "_adjoint");
        ExprList values;
        for (size_t k = 0; k < u.values.size(); k++) values.push_back(use(backward, with_step(at, 0), static_cast<int>(k)));
        previous(at) = Tuple(values);
        return previous;
    }

    std::map<const Function *, heddle::Region> regions_;
    std::map<const Function *, Func> current_;  ///< the adjoint of the value that the stages done so far leave
    std::map<FuncKey, Func> made_;
};

}  // namespace

struct Internal::Adjoints {
    std::map<FuncKey, Func> by_key;
};

HEDDLE_DEFINE_SPECIAL_MEMBERS(Derivative);

Derivative::Derivative(const std::map<FuncKey, Func> &adjoints)
    : adjoints_(std::make_shared<Internal::Adjoints>(Internal::Adjoints{adjoints})) {
}

Func Derivative::find(const std::string &name, int update_id) const {
    const auto it = adjoints_->by_key.find({name, update_id});
    return it == adjoints_->by_key.end() ? Func(std::shared_ptr<Function>()) : it->second;
}
Func Derivative::operator()(const Func &func, int update_id) const {
    return find(func.name(), update_id);
}
Func Derivative::operator()(const Buffer<> &buffer) const {
    return find(buffer.name(), of_input);
}
Func Derivative::operator()(const OutputImageParam &image) const {
    return find(image.name(), of_input);
}
Func Derivative::operator()(const Param<> &param) const {
    return find(param.name(), of_input);
}
Func Derivative::operator()(const std::string &name) const {
    return adjoints_->by_key.count({name, -1}) ? find(name, -1) : find(name, of_input);
}

Derivative propagate_adjoints(const Func &output, const Func &adjoint, const heddle::Region &bounds) {
    for (const Func &f : {output, adjoint}) {
        if (!f.function() || !f.defined()) refuse(200, f.function() ? f.name() : "", {}, "propagate_adjoints of a Func that is not defined");
    }
    return Propagation().run(output, adjoint, bounds);
}

Derivative propagate_adjoints(const Func &output, const Buffer<float> &adjoint) {
    if (!adjoint.defined()) refuse(230, "", {}, "propagate_adjoints with an undefined Buffer");
    heddle::Region bounds;
    for (int d = 0; d < adjoint.dimensions(); d++) bounds.emplace_back(adjoint.dim(d).min(), adjoint.dim(d).extent());
    return propagate_adjoints(output, Func(adjoint), bounds);
}

Derivative propagate_adjoints(const Func &output) {
    Func one("one");
    std::vector<Var> vars;
    for (int d = 0; d < output.dimensions(); d++) vars.push_back(Var::implicit(d));
    ExprList values;
    for (const Type &t : output.types()) values.push_back(make_const(t, int64_t{1}));
    one(vars) = Tuple(values);
    return propagate_adjoints(output, one, heddle::Region(static_cast<size_t>(output.dimensions()), heddle::Range(0, 1)));
}

}  // namespace heddle
