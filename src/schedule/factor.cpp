#include "schedule/factor.h"

#include <algorithm>
#include <map>

#include "analysis/simplify.h"
#include "heddle/var.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "language/parameter.h"
#include "schedule/derived.h"
#include "schedule/race.h"
#include "schedule/split_ranges.h"

namespace heddle::Internal {

namespace {

using Names = std::vector<LoopName>;

const Names &factored(const Directive &d) {
    return argument<Names>(d, 0);
}
const Names &vars(const Directive &d) {
    return argument<Names>(d, 1);
}

bool is_rvar(const Dim &d) {
    return d.kind != DimKind::PureVar;
}

// The Var that takes the place of the loop, or null where the loop is not factored.
const LoopName *var_of(const Directive &d, const std::string &loop) {
    for (size_t i = 0; i < factored(d).size(); i++) {
        if (factored(d)[i].name == loop) return &vars(d)[i];
    }
    return nullptr;
}

Expr constant(int64_t v) {
    return make_const(Int(32), v);
}
Expr last_of(const Range &r) {
    return simplify(Sub::make(Add::make(r.min, r.extent), constant(1)));
}
Expr promised(const Expr &e, const Expr &min, const Expr &max) {
    return Call::make(Int(32), CallOp::promise_clamped, {e, min, max});
}

bool reads_memory(const Expr &e) {
    bool found = false;
    walk_graph(e, [&](const Access &) { found = true; });
    return found;
}

// The variables of an RDom in terms of the loops that splits have made of them.
class RVarsFromLoops {
public:
    /** `loops` are the values of the loops as they are now. */
    RVarsFromLoops(const Definition &def, const StageNest &nest) {
        for (const ReductionVariable &r : def.rdom->variables) range_[r.name] = {r.min, r.extent};
        for (const Split &s : nest.splits) {
            if (s.exact) before_.push_back(split_ranges(s, range_));
        }
    }
    Range range(const std::string &loop) const {
        return range_.at(loop);
    }
    /** The values of the RDom's variables, and the conditions under which they are in their ranges. */
    Substitution values(const Definition &def, const StageNest &nest, const std::map<std::string, Expr> &loops) {
        value_ = raw_ = loops;
        size_t k = before_.size();
        for (size_t i = nest.splits.size(); i-- > 0;) {
            if (nest.splits[i].exact) undo(nest.splits[i], before_[--k]);
        }
        Substitution result;
        for (const ReductionVariable &r : def.rdom->variables) result[r.symbol] = value_.at(r.name);
        return result;
    }
    ExprList guards;

private:
    void undo(const Split &s, const RangesBefore &before) {
        if (s.kind == Split::Kind::Single) return;
        if (s.kind == Split::Kind::Rename) {
            value_[s.old_var] = value_.at(s.outer);
            raw_[s.old_var] = raw_.at(s.outer);
            return;
        }
        if (s.kind == Split::Kind::Fuse) {
            for (auto *v : {&value_, &raw_}) {
                const Expr fused = v->at(s.old_var);
                Expr fast = simplify(Add::make(Mod::make(fused, before.inner.extent), before.inner.min));
                Expr slow = simplify(Add::make(Div::make(fused, before.inner.extent), before.outer.min));
                if (v == &value_) {
                    fast = promised(fast, before.inner.min, last_of(before.inner));
                    slow = promised(slow, before.outer.min, last_of(before.outer));
                }
                (*v)[s.inner] = fast;
                (*v)[s.outer] = slow;
            }
            return;
        }
        const auto joined = [&](const std::map<std::string, Expr> &v) {
            const Expr start = Add::make(Mul::make(v.at(s.outer), s.factor), before.old.min);
            return simplify(Add::make(start, v.at(s.inner)));
        };
        const Expr value = joined(value_), raw = joined(raw_);
        value_[s.old_var] = value;
        raw_[s.old_var] = raw;
        if (is_const(simplify(Mod::make(before.old.extent, s.factor)), 0)) return;
        const Expr last = last_of(before.old);
        guards.push_back(LE::make(raw, last));
        value_[s.old_var] = promised(value, value, last);  // the guard keeps it from passing the end
    }

    std::map<std::string, Range> range_;
    std::vector<RangesBefore> before_;
    std::map<std::string, Expr> value_, raw_;  // raw: without promises, for the guards that make them true
};

// A new RDom whose variables are loops of the stage.
class Domain {
public:
    void add(const std::string &loop, const Range &range) {
        if (!domain) domain = std::make_shared<ReductionDomain>();
        ReductionVariable v;
        v.name = loop;
        v.min = range.min;
        v.extent = range.extent;
        v.symbol = Symbol::fresh(loop, domain);
        domain->variables.push_back(v);
        symbols[loop] = v.symbol;
    }
    Expr variable(const std::string &loop) const {
        return Variable::make(Int(32), symbols.at(loop), domain);
    }
    std::shared_ptr<ReductionDomain> domain;

private:
    std::map<std::string, Symbol> symbols;
};

Directive directive_for(const Dim &d, const DirectiveArgument &device, const SourceLocation &location) {
    const LoopName loop{d.var};
    const std::vector<LoopName> list{loop};
    switch (d.for_type) {
    case ForType::Parallel: return {DirectiveKind::parallel, {loop}, location};
    case ForType::Vectorized: return {DirectiveKind::vectorize, {loop}, location};
    case ForType::GPUBlock: return {DirectiveKind::gpu_blocks, {list, device}, location};
    case ForType::GPUThread: return {DirectiveKind::gpu_threads, {list, device}, location};
    case ForType::GPULane: return {DirectiveKind::gpu_lanes, {loop, device}, location};
    case ForType::Unrolled:
    case ForType::Serial:
    case ForType::Extern: break;
    }
    return {DirectiveKind::unroll, {loop}, location};
}

// The directives that give a new definition the loops of the old one: `order` are its loops, innermost first.
std::vector<Directive> inherited(const StageNest &nest, const std::vector<Dim> &order, const SourceLocation &location) {
    std::vector<Directive> out;
    const auto say = [&](DirectiveKind kind, std::vector<DirectiveArgument> args) {
        out.push_back({kind, std::move(args), location});
    };
    if (nest.allow_race_conditions) say(DirectiveKind::allow_race_conditions, {});
    if (nest.atomic) say(DirectiveKind::atomic, {nest.trusted});
    std::set<std::string> single;
    for (const Split &s : nest.splits) {
        if (s.exact) continue;
        const LoopName old{s.old_var}, outer{s.outer}, inner{s.inner};
        switch (s.kind) {
        case Split::Kind::Split: say(DirectiveKind::split, {old, outer, inner, s.factor, s.tail}); break;
        case Split::Kind::Fuse: say(DirectiveKind::fuse, {inner, outer, old}); break;
        case Split::Kind::Rename: say(DirectiveKind::rename, {old, outer}); break;
        case Split::Kind::Single: single.insert(s.outer); break;  // the new definition has loops of its own
        }
    }
    const DirectiveArgument device = nest.device ? DirectiveArgument(nest.device->api) : DirectiveArgument();
    Names names;
    for (const Dim &d : order) {
        if (!single.contains(d.var)) names.push_back({d.var});
    }
    if (!names.empty()) say(DirectiveKind::reorder, {names});
    for (const Dim &d : order) {
        if (single.contains(d.var)) continue;
        if (d.partition != Partition::Auto) say(DirectiveKind::partition, {LoopName{d.var}, d.partition});
        if (d.for_type == ForType::Serial) continue;
        const bool race = d.kind == DimKind::ImpureRVar && !nest.atomic && !nest.allow_race_conditions;
        if (race && d.for_type != ForType::Unrolled) continue;
        out.push_back(directive_for(d, device, location));
    }
    return out;
}

class Factorer {
public:
    /** With private_copies, the new loops run in parallel, and the intermediate is placed as f is. */
    Factorer(const Function &f, int stage, const StageNest &nest, const Directive &d, bool private_copies)
        : private_copies_(private_copies),
          f_(f),
          def_(definition_of(f, stage)),
          nest_(nest),
          d_(d),
          step_(*associative_update(f, def_)),
          loops_(def_, nest) {
        const Definition &original = f.stage(stage);
        const size_t index = original.factorings.size();
        if (index < original.intermediates.size()) {
            intermediate_ = original.intermediates[index];
        } else {
            intermediate_ = Function::create(name_of_intermediate(f.display_name, stage - 1, index));
        }
    }

    std::shared_ptr<Factoring> operator()() {
        signature();
        pure();
        Definition update = partial();
        if (!intermediate_->updates.empty()) update.intermediates = intermediate_->updates[0].intermediates;
        intermediate_->updates = {std::move(update)};
        intermediate_->directives.clear();
        intermediate_->output_parameters.clear();
        for (const Directive &d : f_.directives) {
            if (d.kind == DirectiveKind::reorder_storage) intermediate_->directives.push_back(d);
        }
        for (size_t i = 0; i < f_.types.size(); i++) {
            const std::string name =
                f_.types.size() == 1 ? intermediate_->name : concat(intermediate_->name, ".", i);
            intermediate_->output_parameters.push_back(
                ParameterContents::create(f_.types[i], true, intermediate_->dimensions(), name));
        }
        auto result = std::make_shared<Factoring>();
        result->merge = merge();
        result->intermediate = intermediate_;
        intermediate_->frozen = true;
        intermediate_->placed_as.reset();
        if (private_copies_) intermediate_->placed_as = f_.shared_from_this();
        return result;
    }

private:
    // --- the intermediate

    void signature() {
        Function &g = *intermediate_;
        g.args = f_.args;
        g.arg_symbols = f_.arg_symbols;
        for (const LoopName &v : vars(d_)) {
            g.args.push_back(v.name);
            g.arg_symbols.push_back(Expr(Var(v.name)).as<Variable>()->symbol);
        }
        g.types = f_.types;
        g.part_of = f_.part_of.empty() ? f_.name : f_.part_of;
    }
    Expr own_var(size_t i) const {
        return Variable::make(Int(32), intermediate_->arg_symbols[i]);
    }
    void pure() {
        Definition &p = intermediate_->pure;
        p = Definition();
        for (size_t i = 0; i < intermediate_->args.size(); i++) p.args.push_back(own_var(i));
        for (const AssociativeStep::Element &e : step_.elements) p.values.push_back(e.identity);
        p.location = d_.location;
        if (!private_copies_) return;
        for (const LoopName &v : vars(d_)) p.inherited.push_back({DirectiveKind::parallel, {v}, d_.location});
    }
    // The update, with Vars for the factored loops and RVars for the others.
    Definition partial() {
        Definition out;
        Domain rest;
        std::map<std::string, Expr> loops;
        std::vector<Dim> order, tasks;
        for (const Dim &dim : nest_.dims) {
            Dim own = dim;
            if (const LoopName *v = var_of(d_, dim.var)) {
                own = Dim();
                own.var = v->name;
                if (private_copies_) {
                    own.for_type = ForType::Parallel;
                    tasks.push_back(own);
                    continue;
                }
            } else if (is_rvar(dim)) {
                rest.add(dim.var, loops_.range(dim.var));
                loops[dim.var] = rest.variable(dim.var);
            }
            order.push_back(own);
        }
        order.insert(order.end(), tasks.begin(), tasks.end());  // outermost: each task has its copy to itself
        for (size_t i = 0; i < vars(d_).size(); i++) loops[factored(d_)[i].name] = own_var(f_.args.size() + i);
        const Substitution rvars = loops_.values(def_, nest_, loops);
        const auto moved = [&](const Expr &e) {
            return rewrite_graph(
                e, [&](const Variable &v) -> Expr {
                    const auto it = rvars.find(v.symbol);
                    return it == rvars.end() ? Expr(&v) : it->second;
                },
                [&](const Access &a) -> Expr {
                    if (!(a.buffer == f_.symbol)) return Expr(&a);
                    ExprList args = a.args;
                    for (size_t i = f_.args.size(); i < intermediate_->args.size(); i++) args.push_back(own_var(i));
                    return Access::make(a.type, intermediate_->symbol, args, a.value_index);
                });
        };
        for (const Expr &e : def_.args) out.args.push_back(moved(e));
        for (size_t i = f_.args.size(); i < intermediate_->args.size(); i++) out.args.push_back(own_var(i));
        for (const Expr &e : def_.values) out.values.push_back(moved(e));
        out.rdom = rest.domain;
        out.predicate = guarded(def_.predicate.defined() ? moved(def_.predicate) : Expr());
        if (out.rdom && out.predicate.defined()) out.rdom->predicate = without_owner(out.predicate, *out.rdom);
        out.location = def_.location;
        out.inherited = inherited(nest_, order, d_.location);
        return out;
    }
    Expr guarded(const Expr &predicate) const {
        Expr all;
        for (size_t i = loops_.guards.size(); i-- > 0;) {
            all = all.defined() ? And::make(all, loops_.guards[i]) : loops_.guards[i];
        }
        if (!all.defined() || !predicate.defined()) return all.defined() ? all : predicate;
        // What it reads is there only where the guards hold.
        if (!reads_memory(predicate)) return And::make(all, predicate);
        return Call::make(Bool(), CallOp::if_then_else, {all, predicate, const_false()});
    }

    // --- what is left of the update

    Definition merge() {
        Definition out;
        Domain domain;
        std::vector<Dim> order;
        for (const Dim &dim : nest_.dims) {
            if (var_of(d_, dim.var)) {
                domain.add(dim.var, loops_.range(dim.var));
                Dim own = dim;
                own.kind = DimKind::ImpureRVar;
                order.push_back(own);
            } else if (!is_rvar(dim)) {
                order.push_back(dim);
            }
        }
        for (size_t i = 0; i < f_.args.size(); i++) {
            out.args.push_back(own_var(i));
            const Variable *v = def_.args[i].as<Variable>();
            if (v && v->symbol == f_.arg_symbols[i]) continue;
            Dim own;  // the update writes somewhere in this dimension: all of it is merged
            own.var = f_.args[i];
            order.push_back(own);
        }
        ExprList partials = out.args;
        for (const LoopName &loop : factored(d_)) partials.push_back(domain.variable(loop.name));
        Substitution operands;
        for (size_t i = 0; i < f_.types.size(); i++) {
            const AssociativeStep::Element &e = step_.elements[i];
            const int index = static_cast<int>(i);
            operands[e.x] = Access::make(f_.types[i], f_.symbol, out.args, index);
            operands[e.y] = Access::make(f_.types[i], intermediate_->symbol, partials, index, intermediate_);
        }
        for (const AssociativeStep::Element &e : step_.elements) out.values.push_back(substitute(operands, e.op));
        out.rdom = domain.domain;
        if (out.rdom) out.rdom->frozen = true;
        out.location = def_.location;
        out.inherited = inherited(nest_, order, d_.location);
        return out;
    }

    bool private_copies_;
    const Function &f_;
    const Definition def_;
    const StageNest &nest_;
    const Directive &d_;
    AssociativeStep step_;
    RVarsFromLoops loops_;
    std::shared_ptr<Function> intermediate_;
};

// A loop that was made from RVars and Vars together.
std::string mixed_loop(const StageNest &nest) {
    for (const Split &s : nest.splits) {
        if (s.kind == Split::Kind::Fuse && s.mixed) return s.old_var;
    }
    return {};
}

Verdict check_names(const Function &f, const StageNest &nest, const Directive &d) {
    if (factored(d).size() != vars(d).size()) {
        return Refusal{319, concat("the lists have different lengths: ", factored(d).size(), " loops, ", vars(d).size(), " Vars"),
                       factored(d)[0].name, ""};
    }
    for (size_t i = 0; i < factored(d).size(); i++) {
        const std::string &loop = factored(d)[i].name, &var = vars(d)[i].name;
        for (size_t k = 0; k < i; k++) {
            if (factored(d)[k].name == loop) return Refusal{304, concat(loop, " is named twice"), loop, ""};
            if (vars(d)[k].name == var) {
                return Refusal{338, concat(var, " would stand for both ", factored(d)[k].name, " and ", loop), var,
                               "use a Var for each"};
            }
        }
        const auto taken = [&](const std::string &name) { return name == var; };
        bool is_taken = std::any_of(f.args.begin(), f.args.end(), taken) || var == Var::outermost().name();
        for (const Dim &dim : nest.dims) is_taken |= taken(dim.var);
        if (is_taken) {
            return Refusal{338, concat("the name ", var, " is taken by a dimension or another loop of ", f.display_name),
                           var, "use a new Var"};
        }
    }
    return {};
}

}  // namespace

std::string name_of_intermediate(const std::string &func, int update, size_t index) {
    std::string name = func + "_intm";
    if (update > 0 || index > 0) name += "_" + std::to_string(update);
    if (index > 0) name += "_" + std::to_string(index);
    return name;
}

Verdict check_factoring(const Function &f, int stage, const Definition &def, const StageNest &nest, const Directive &d) {
    if (stage == 0) {
        return Refusal{336, concat(f.display_name, " has no reduction here: this is its pure definition"), "",
                       "call it on an update"};
    }
    if (Verdict v = check_names(f, nest, d)) return v;
    std::string inside;  // an RVar that is not factored
    std::string across;  // a factored loop inside of one that is not
    std::string last_factored;
    for (const Dim &dim : nest.dims) {
        if (var_of(d, dim.var)) {
            if (!is_rvar(dim)) {
                return Refusal{337, concat(dim.var, " is a loop over a Var: there is nothing to factor"), dim.var,
                               "name a loop over an RVar"};
            }
            last_factored = dim.var;
        } else if (is_rvar(dim) && !last_factored.empty() && across.empty()) {
            across = last_factored;
            inside = dim.var;
        }
    }
    if (const std::string loop = mixed_loop(nest); !loop.empty()) {
        return Refusal{339, concat("the loop ", loop, " is made of Vars and RVars, which go to different definitions"),
                       loop, "do not fuse them"};
    }
    const std::optional<AssociativeStep> step = associative_update(f, def);
    if (!step) {
        return Refusal{340,
                       concat("the update of ", f.display_name,
                              " is not known to apply an associative operation to its old value"),
                       factored(d)[0].name,
                       "sums, products, minima, maxima, bit operations, argmin and the like can be factored"};
    }
    if (!step->commutative && !across.empty()) {
        return Refusal{341,
                       concat("the operation of this update is not commutative, so ", across, ", which runs inside of ",
                              inside, ", cannot be factored without it"),
                       across, concat("factor ", inside, ", too, or the outer loops only")};
    }
    return {};
}

bool makes_intermediate(const Directive &d) {
    return d.kind == DirectiveKind::rfactor ||
           (d.kind == DirectiveKind::parallel && argument_or(d, 3, Race::Refuse) == Race::Private);
}

bool has_task_size(const Directive &d) {
    return d.args.size() > 1 && std::holds_alternative<Expr>(d.args[1]);
}

Directive as_rfactor(const Function &f, const StageNest &nest, const Directive &d) {
    std::string name = "task";
    const auto taken = [&] {
        return std::find(f.args.begin(), f.args.end(), name) != f.args.end() ||
               std::any_of(nest.dims.begin(), nest.dims.end(), [&](const Dim &dim) { return dim.var == name; });
    };
    for (int i = 1; taken(); i++) name = concat("task", i);
    return {DirectiveKind::rfactor, {Names{argument<LoopName>(d, 0)}, Names{{name}}}, d.location};
}

void add_factoring(Function &f, int stage, const Directive &d) {
    const bool private_copies = d.kind == DirectiveKind::parallel;
    NestBuilder builder(f, stage);
    const auto legal = [&](const Verdict &v) { HEDDLE_ASSERT(!v, "a directive that was checked is not legal: ", v->message); };
    for (const Directive &before : f.stage(stage).directives) legal(builder.apply(before));
    LoopName inner;
    if (private_copies && has_task_size(d)) legal(builder.split_off(d, ".t", &inner));
    const StageNest &nest = builder.nest();
    const Directive factoring = private_copies ? as_rfactor(f, nest, d) : d;
    Definition &def = f.stage(stage);
    def.factorings.push_back(Factorer(f, stage, nest, factoring, private_copies)());
    if (def.intermediates.size() < def.factorings.size()) {
        def.intermediates.push_back(def.factorings.back()->intermediate);
    }
}

}  // namespace heddle::Internal
