// schedules::pointwise, stencil, gemm and reduction: what a person would say of such a pipeline, by handles.

#include <algorithm>
#include <optional>
#include <set>

#include "analysis/associativity.h"
#include "heddle/operators.h"
#include "heddle/schedules.h"
#include "ir/operations.h"
#include "ir/rewrite.h"
#include "language/parameter.h"
#include "language/reachable.h"
#include "schedule/derived.h"
#include "schedule/factor.h"
#include "schedule/race.h"
#include "support/assert.h"

namespace heddle::schedules {

using namespace Internal;

namespace {

constexpr TailStrategy guard = TailStrategy::GuardWithIf;  // legal for every size

Type widest_type(const Func &f) {
    Type widest = f.types().at(0);
    for (const Type &t : f.types()) {
        if (t.bits() > widest.bits()) widest = t;
    }
    return widest.is_bool() ? UInt(8) : widest;
}

// As many elements as fill a register of the target; at least two, which a vector has.
int lanes_for(const Func &f, const Target &target) {
    return std::max(target.natural_vector_size(widest_type(f)), 2);
}

// A cheap definition is worth no memory: it does little, or it only moves values.
bool is_cheap(const Function &f) {
    constexpr int few = 3;
    if (!f.updates.empty() || f.external) return false;
    int operations = 0;
    const auto count = [&](const auto &self, const Expr &e) -> void {
        if (e.as<Access>()) return;  // what is done to find a place is not computed here
        operations += is_operation(e);
        struct Children final : Walker {
            explicit Children(const std::function<void(const Expr &)> &f)
                : f(f) {
            }
            void operator()(const Expr &child) const override {
                f(child);
            }
            void operator()(const Stmt &) const override {
            }
            const std::function<void(const Expr &)> &f;
        };
        const std::function<void(const Expr &)> next = [&](const Expr &child) { self(self, child); };
        Children(next).children(*e.get());
    };
    for (const Expr &e : f.pure.values) count(count, e);
    return operations <= few;
}

// Whether some stage reads f at more than one place.
bool read_at_several_places(const Function &f, const Functions &all) {
    for (const auto &g : all) {
        for (int s = 0; g != nullptr && s < g->stages(); s++) {
            std::set<std::string> places;
            const auto look = [&](const Expr &e) {
                if (!e.defined()) return;
                walk_graph(e, [&](const Access &a) {
                    const auto callee = callee_of(*g, a);
                    if (!callee || callee.get() != &f || callee == g) return;
                    std::string place;
                    for (const Expr &arg : a.args) place += brief(arg) + ",";
                    places.insert(place);
                });
            };
            const Definition &d = g->scheduled(s);
            for (const Expr &e : d.args) look(e);
            for (const Expr &e : d.values) look(e);
            look(d.predicate);
            if (places.size() > 1 || (!places.empty() && d.rdom)) return true;
        }
    }
    return false;
}

void vectorize_updates(const Func &f, int lanes) {
    for (int u = 0; u < f.num_update_definitions(); u++) {
        StageHandle s{Stage(f.function(), u + 1)};
        const std::vector<LoopHandle> pure = s.pure_loops();
        if (pure.empty()) continue;
        s.try_([&] { s.stage().vectorize(pure.front().inner(), lanes, guard); });
    }
}

// All loops but the innermost one as one, which runs in tasks.
void outer_loops_in_tasks(StageHandle s, const std::vector<LoopHandle> &dims) {
    constexpr int rows_of_a_task = 4;
    if (dims.size() < 2) return;
    VarOrRVar rows = dims[1].outer();
    for (size_t d = 2; d < dims.size(); d++) {
        const VarOrRVar fused("rows", false);
        s.stage().fuse(rows, dims[d].outer(), fused);
        rows = fused;
    }
    s.stage().parallel(rows, rows_of_a_task, guard);
}

}  // namespace

namespace {

void pure_definition(Func output, const Target &target) {
    StageHandle s(output);
    const std::vector<LoopHandle> dims = s.pure_loops();
    const int lanes = lanes_for(output, target);
    if (dims.empty()) return;
    if (dims.size() == 1) {
        constexpr int vectors_of_a_task = 512;
        const auto [tasks, inside] = s.split(dims[0], lanes * vectors_of_a_task, guard);
        s.stage().parallel(tasks);
    } else {
        outer_loops_in_tasks(s, dims);
    }
    s.vectorize(dims[0], lanes, guard);
}

}  // namespace

void pointwise(Func output, const Target &target) {
    pure_definition(output, target);
    vectorize_updates(output, lanes_for(output, target));
}

void stencil(Func output, const Target &target) {
    const Functions all = functions_lowered({output.function()});
    Functions computed;
    for (const auto &f : all) {
        if (f == output.function() || f->args.empty()) continue;
        const bool must = !f->updates.empty() || f->external;
        if (must || (!is_cheap(*f) && read_at_several_places(*f, all))) computed.push_back(f);
    }
    StageHandle s(output);
    const std::vector<LoopHandle> dims = s.pure_loops();
    const int lanes = lanes_for(output, target);
    if (dims.size() < 2 || output.num_update_definitions() > 0) {
        for (const auto &f : computed) pointwise(Func(std::const_pointer_cast<Function>(f)).compute_root(), target);
        return pointwise(output, target);
    }
    constexpr int rows_of_a_strip = 32;
    const auto [strips, row] = s.split(dims[1], rows_of_a_strip, guard);
    VarOrRVar tasks = strips;
    for (size_t d = 2; d < dims.size(); d++) {
        const VarOrRVar fused("strips", false);
        s.stage().fuse(tasks, dims[d].outer(), fused);
        tasks = fused;
    }
    s.stage().parallel(tasks);
    s.vectorize(dims[0], lanes, guard);
    for (const auto &f : computed) {
        Func producer(std::const_pointer_cast<Function>(f));
        producer.store_at(output, tasks).compute_at(output, row);
        if (f->external) continue;
        producer.vectorize(Var(f->args[0]), lanes_for(producer, target), guard);
        vectorize_updates(producer, lanes_for(producer, target));
    }
}

namespace {

[[noreturn]] void refuse_shape(const Func &f, const std::string &message) {
    Diagnostic d;
    d.code = 345;
    d.func = f.function()->display_name;
    d.location = f.function()->pure.location;
    d.message = message;
    d.hint = "schedules::pointwise and schedules::stencil are for other Funcs";
    throw CompileError(std::move(d));
}

bool uses(const Expr &e, const Symbol &s) {
    bool found = false;
    walk_graph(e, [&](const Variable &v) { found |= v.symbol == s; });
    return found;
}

// f(x, y, ...) += a(k, y, ...) * b(x, k, ...): the operand that x is an index of, and where.
struct Product {
    std::shared_ptr<Function> func;
    int update = 0;
    std::shared_ptr<Function> panel;  // b
    std::string panel_x;              // the dimension of b that x is the index of
};

std::optional<Product> product_of(const std::shared_ptr<const Function> &f) {
    for (size_t u = 0; u < f->updates.size(); u++) {
        const Definition &d = f->updates[u];
        if (!d.rdom || d.rdom->variables.size() != 1 || d.values.size() != 1 || f->args.size() < 2) continue;
        bool whole = true;
        for (size_t i = 0; i < f->args.size(); i++) {
            const Variable *v = d.args[i].as<Variable>();
            whole &= v && v->symbol == f->arg_symbols[i];
        }
        if (!whole || !any_order_serves(*f, d)) continue;
        Product p{std::const_pointer_cast<Function>(f), static_cast<int>(u), nullptr, ""};
        walk_graph(d.values[0], [&](const Access &a) {
            const auto callee = callee_of(*f, a);
            if (callee == f) return;
            const auto image = callee ? nullptr : parameter_of(a);
            for (size_t i = 0; i < a.args.size(); i++) {
                const Variable *v = a.args[i].as<Variable>();
                if (!v || !(v->symbol == f->arg_symbols[0]) || !std::any_of(a.args.begin(), a.args.end(), [&](const Expr &e) {
                        return uses(e, d.rdom->variables[0].symbol);
                    })) {
                    continue;
                }
                p.panel = std::const_pointer_cast<Function>(callee);
                if (!p.panel && image) p.panel = func_of_image(std::const_pointer_cast<ParameterContents>(image));
                if (p.panel) p.panel_x = p.panel->args[i];
            }
        });
        if (p.panel) return p;
    }
    return {};
}

// Columns (in vectors) and rows of a tile, as many as registers hold.
std::pair<int, int> tile_of(const Func &f, const Target &target) {
    const int lanes = lanes_for(f, target);
    return {2 * lanes, target.has_feature(Target::AVX512) || target.has_feature(Target::AVX512_Skylake) ? 12 : 6};
}

// Vectors along x, everything else written out.
void in_registers(StageHandle s, const VarOrRVar &x, const std::vector<VarOrRVar> &others, int lanes) {
    s.stage().vectorize(x, lanes).unroll(x);
    for (const VarOrRVar &v : others) s.stage().unroll(v);
}

// The panel of b that a column of tiles needs, dense.
void pack(const Product &p, const Func &of, const LoopLevel &level, int lanes) {
    Func panel = Func(p.panel).in(of);
    panel.compute_at(level);
    std::vector<VarOrRVar> order{Var(p.panel_x)};
    for (const Var &v : panel.args()) {
        if (v.name() != p.panel_x) order.emplace_back(v);
    }
    panel.reorder(order);
    std::vector<Var> storage;
    for (const VarOrRVar &v : order) storage.emplace_back(v.name());
    panel.reorder_storage(storage);
    panel.vectorize(Var(p.panel_x), lanes).unroll(Var(p.panel_x));
}

void gemm_with_epilogue(const Product &p, Func output, const Target &target) {
    Func product(p.func);
    const int lanes = lanes_for(product, target);
    const auto [columns, rows] = tile_of(product, target);
    const Var x(output.args()[0].name()), y(output.args()[1].name());
    const Var xo(x.name() + ".tile"), yo(y.name() + ".tile"), xi(x.name() + ".i"), yi(y.name() + ".i");
    output.tile(x, y, xo, yo, xi, yi, columns, rows).reorder(xi, yi, yo, xo).vectorize(xi, lanes).unroll(xi).unroll(yi).parallel(xo);
    product.compute_at(output, yo);
    const Var px(p.func->args[0]), py(p.func->args[1]);
    in_registers(StageHandle(product), px, {py}, lanes);
    StageHandle update{Stage(p.func, p.update + 1)};
    const VarOrRVar k = update.reduction_loops().front().inner();
    update.stage().reorder(px, py, k);
    in_registers(update, px, {py}, lanes);
    pack(p, product, LoopLevel(output, xo), lanes);
}

}  // namespace

void gemm(Func output, const Target &target) {
    std::optional<Product> found;
    for (const auto &f : functions_lowered({output.function()})) {
        if (auto p = product_of(f)) found = p;
    }
    if (!found) refuse_shape(output, concat("schedules::gemm of ", output.name(), ": it has no update f(x, y) += a(k, y) * b(x, k), and reads no Func that has one"));
    if (found->func != output.function()) return gemm_with_epilogue(*found, output, target);
    // The output itself is updated in memory: each pass over a row adds several terms.
    constexpr int terms_of_a_pass = 4, rows_of_a_task = 4;
    const int columns = 2 * lanes_for(output, target);
    pure_definition(output, target);
    StageHandle update{Stage(found->func, found->update + 1)};
    const auto [x, y] = update.pure_loops<2>();
    const auto [passes, terms] = update.split(update.reduction_loops().front(), terms_of_a_pass, guard);
    update.stage().reorder(terms, x.inner(), passes, y.inner()).unroll(terms);
    update.vectorize(x, columns, guard);
    update.stage().parallel(y.outer(), rows_of_a_task, guard);
}

void reduction(Func output, const Target &target) {
    const auto &f = output.function();
    int found = -1;
    for (size_t u = 0; u < f->updates.size() && found < 0; u++) {
        if (f->updates[u].rdom && associative_update(*f, f->updates[u])) found = static_cast<int>(u);
    }
    if (found < 0) refuse_shape(output, concat("schedules::reduction of ", output.name(), ": it has no update that is known to be a sum, minimum or the like over an RDom"));
    const int lanes = lanes_for(output, target), partials = 4 * lanes;
    StageHandle s{Stage(f, found + 1)};
    const std::vector<LoopHandle> pure = s.pure_loops(), terms = s.reduction_loops();
    const Var u("lane");
    // Several results: each in a task; one: tasks of terms, each with its own partial result.
    if (!pure.empty()) {
        s.stage().parallel(pure.back().outer());
        const auto [ro, ri] = s.split(terms.front(), partials, guard);
        Func part = s.stage().rfactor(RVar(ri.name()), u);
        part.compute_at(output, VarOrRVar(pure.front().name(), false)).vectorize(u, lanes).unroll(u);
        StageHandle inner{Stage(part.function(), 1)};
        inner.stage().reorder({u, RVar(ro.name())}).vectorize(u, lanes).unroll(u);
        return;
    }
    constexpr int vectors_of_a_task = 1024;
    const auto [ro, ri] = s.split(terms.front(), partials, guard);
    VarOrRVar tasks = ro;
    if (terms.size() > 1) {
        tasks = terms.back().outer();
        s.stage().parallel(tasks, Race::Private);
    } else {
        s.stage().parallel(tasks, vectors_of_a_task / 4, guard, Race::Private);
    }
    Func task(f->updates[static_cast<size_t>(found)].factorings.back()->intermediate);
    StageHandle inner{Stage(task.function(), 1)};
    Func part = inner.stage().rfactor(RVar(ri.name()), u);
    part.compute_at(task, Var(task.args().back().name())).vectorize(u, lanes).unroll(u);
    StageHandle sums{Stage(part.function(), 1)};
    std::vector<VarOrRVar> order{u};
    for (const LoopHandle &r : sums.reduction_loops()) order.push_back(r.inner());
    sums.stage().reorder(order).vectorize(u, lanes).unroll(u);
}

}  // namespace heddle::schedules
