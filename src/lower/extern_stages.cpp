#include "lower/extern_stages.h"

#include <algorithm>
#include <optional>

#include "analysis/box.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "language/extern_definition.h"

namespace heddle::Internal {

namespace {

Expr i32(int64_t v) {
    return make_const(Int(32), v);
}
Expr var(const Symbol &s) {
    return Variable::make(Int(32), s);
}
Expr handle(const Symbol &s) {
    return Variable::make(heddle::Handle(), s);
}
Expr extent_of(const Expr &min, const Expr &max) {
    return simplify(Add::make(Sub::make(max, min), i32(1)));
}

Expr type_argument(Type t) {
    return make_const(UInt(32), static_cast<int64_t>(static_cast<uint32_t>(t.code()) | static_cast<uint32_t>(t.bits()) << 8 |
                                                     static_cast<uint32_t>(t.lanes()) << 16));
}

// A halide_buffer_t without memory.
Expr shape_only(Type t, const std::vector<Range> &bounds, const ExprList &strides) {
    ExprList args = {Call::make(heddle::Handle(), CallOp::null_handle, {}), type_argument(t), i32(static_cast<int64_t>(bounds.size()))};
    for (size_t d = 0; d < bounds.size(); d++) {
        args.push_back(bounds[d].min);
        args.push_back(bounds[d].extent);
        args.push_back(strides[d]);
    }
    return Call::make(heddle::Handle(), CallOp::buffer_create, args);
}

Stmt with_steps(const std::vector<PrologueStep> &steps, Stmt s) {
    for (size_t i = steps.size(); i-- > 0;) {
        if (steps[i].symbol.defined()) {
            s = LetStmt::make(steps[i].symbol, steps[i].value, s);
        } else {
            s = Block::make({Assert::make(steps[i].value, steps[i].message), s});
        }
    }
    return s;
}

}  // namespace

const Call &ExternStages::definition(int func) const {
    return *g_.funcs[static_cast<size_t>(func)].stages[0].values[0].as<Call>();
}

ExternStages::Question &ExternStages::question(int func, const LoopPlace &level) {
    for (Question &q : questions_) {
        if (q.func == func && q.level == level) return q;
    }
    Question q{func, level, {}};
    const GraphFunc &f = g_.funcs[static_cast<size_t>(func)];
    for (const Expr &e : definition(func).args) {
        const Access *a = passed_on(e);
        if (!a) continue;
        Shape shape;
        for (size_t d = 0; d < a->args.size(); d++) {
            const std::string name = f.name + "." + a->buffer.name() + "." + std::to_string(d);
            shape.push_back({Symbol::fresh(name + ".min"), Symbol::fresh(name + ".last")});
        }
        q.inputs.push_back(std::move(shape));
    }
    questions_.push_back(std::move(q));
    return questions_.back();
}

// The C function's name, with its arguments in order: inputs and scalars, then outputs.
Expr ExternStages::call_with(int func, const ExprList &inputs, const ExprList &outputs) const {
    const ExternDefinition &def = *g_.funcs[static_cast<size_t>(func)].function->external;
    ExprList args;
    Types types;
    std::vector<bool> is_buffer;
    size_t next = 0;
    for (const Expr &e : definition(func).args) {
        const bool passed = passed_on(e) != nullptr;
        args.push_back(passed ? inputs[next++] : e);
        types.push_back(args.back().type());
        is_buffer.push_back(passed);
    }
    for (const Expr &e : outputs) {
        args.push_back(e);
        types.push_back(e.type());
        is_buffer.push_back(true);
    }
    const bool mangled = def.mangling == NameMangling::CPlusPlus;
    return Call::make(Int(32), CallOp::extern_c, args, mangled ? cxx_mangled(def.name, types, is_buffer) : def.name);
}

Expr ExternStages::failed(const std::string &name, const Expr &code) {
    return Call::make(Int(32), CallOp::extern_c, {Call::make(heddle::Handle(), CallOp::user_context, {}), StringImm::make(name), code},
                      "halide_error_extern_stage_failed");
}

Stmt ExternStages::call(int func, const Ranges &region) {
    const GraphFunc &f = g_.funcs[static_cast<size_t>(func)];
    const std::string &name = f.function->external->name;
    std::vector<PrologueStep> steps;
    auto bound = [&](const std::string &what, const Expr &e) {
        const Symbol s = Symbol::fresh(what);
        steps.push_back({s, e, Expr()});
        return handle(s);
    };
    ExprList inputs, outputs;
    size_t number = 0;
    for (const Expr &e : definition(func).args) {
        const Access *a = passed_on(e);
        if (!a) continue;
        const int producer = g_.func_of_element(a->buffer);
        const LoopPlace level = producer < 0 ? LoopPlace{} : g_.funcs[static_cast<size_t>(producer)].compute;
        const Shape shape = question(func, level).inputs[number++];
        ExprList args, mins;
        for (const Bounds &b : shape) {
            mins.push_back(var(b.min));
            args.push_back(var(b.min));
            args.push_back(extent_of(var(b.min), var(b.max)));
        }
        args.insert(args.begin(), Access::make(a->type, a->buffer, mins, 0, a->owner));
        Expr buffer = Call::make(heddle::Handle(), CallOp::buffer_of, args);
        // The region is read, whatever is passed: an image goes as it is.
        if (producer < 0) {
            bound(a->buffer.name() + ".region", buffer);
            inputs.push_back(handle(handles_.at(a->buffer)));
        } else {
            inputs.push_back(bound(a->buffer.name() + ".buffer", buffer));
        }
    }
    for (size_t k = 0; k < f.elements.size(); k++) {
        ExprList args, mins;
        for (const Range &r : region) {
            mins.push_back(r.min);
            args.push_back(r.min);
            args.push_back(r.extent);
        }
        args.insert(args.begin(), Access::make(f.types[k], f.elements[k], mins));
        outputs.push_back(bound(f.elements[k].name() + ".buffer", Call::make(heddle::Handle(), CallOp::buffer_of, args)));
    }
    const Symbol code = Symbol::fresh(name + ".result");
    steps.push_back({code, call_with(func, inputs, outputs), Expr()});
    const Expr ok = EQ::make(var(code), i32(0));
    if (number > 0) question(func, LoopPlace{});  // what the whole pipeline needs of it is always asked
    return with_steps(steps, Assert::make(ok, failed(name, var(code))));
}

// Calls the function without memory for its inputs. The questions' symbols are bound to its answer.
std::vector<PrologueStep> ExternStages::ask(Question &q, const Stmt &s) {
    const GraphFunc &f = g_.funcs[static_cast<size_t>(q.func)];
    const std::string &name = f.function->external->name;
    const bool whole = q.level == LoopPlace{};
    std::vector<PrologueStep> steps;
    auto bound = [&](const std::string &what, const Expr &e) {
        const Symbol x = Symbol::fresh(what);
        steps.push_back({x, e, Expr()});
        return Variable::make(e.type(), x);
    };
    // What is wanted of the outputs.
    const Boxes touched = boxes_touched(s, {}, Touch::Both, SelectBranches::Both);
    Box wanted;
    bool found = false;
    for (const Symbol &e : f.elements) {
        auto it = touched.find(e);
        if (it == touched.end()) continue;
        wanted = found ? box_union(wanted, it->second) : it->second;
        found = true;
    }
    HEDDLE_ASSERT(found, f.name, " is computed nowhere");
    std::vector<Range> region;
    ExprList strides;
    Expr stride = i32(1);
    for (size_t d = 0; d < f.dimensions(); d++) {
        const Expr min = bound(f.name + ".asked", with_clamps(wanted[d].min));
        const Expr extent = bound(f.name + ".asked", extent_of(min, with_clamps(wanted[d].max)));
        region.push_back({min, extent});
        strides.push_back(stride);
        stride = simplify(Mul::make(stride, extent));
    }
    ExprList inputs, outputs;
    for (const Expr &e : definition(q.func).args) {
        const Access *a = passed_on(e);
        if (!a) continue;
        std::vector<Range> bounds(a->args.size(), {i32(0), i32(0)});
        ExprList of(a->args.size(), i32(0));
        // An image is shown as it is: a function that says nothing reads all of it.
        if (auto it = handles_.find(a->buffer); it != handles_.end() && g_.func_of_element(a->buffer) < 0) {
            for (size_t d = 0; d < a->args.size(); d++) {
                const Expr dim = i32(static_cast<int64_t>(d));
                bounds[d].min = Call::make(Int(32), CallOp::buffer_min, {handle(it->second), dim});
                bounds[d].extent = Call::make(Int(32), CallOp::buffer_extent, {handle(it->second), dim});
                of[d] = Call::make(Int(32), CallOp::buffer_stride, {handle(it->second), dim});
            }
        }
        inputs.push_back(bound(a->buffer.name() + ".query", shape_only(a->type, bounds, of)));
    }
    for (size_t k = 0; k < f.elements.size(); k++) {
        outputs.push_back(bound(f.elements[k].name() + ".query", shape_only(f.types[k], region, strides)));
    }
    const Expr code = bound(name + ".answer", call_with(q.func, inputs, outputs));
    steps.push_back({Symbol(), EQ::make(code, i32(0)), failed(name, code)});
    const Question *all = whole ? nullptr : &question(q.func, LoopPlace{});
    for (size_t i = 0; i < inputs.size(); i++) {
        for (size_t d = 0; d < q.inputs[i].size(); d++) {
            const Bounds &b = q.inputs[i][d];
            const Expr dim = i32(static_cast<int64_t>(d));
            Expr min = Call::make(Int(32), CallOp::buffer_min, {inputs[i], dim});
            const Expr extent = Call::make(Int(32), CallOp::buffer_extent, {inputs[i], dim});
            if (whole) {
                steps.push_back({b.min, min, Expr()});
                steps.push_back({b.max, Sub::make(Add::make(var(b.min), extent), i32(1)), Expr()});
                continue;
            }
            const Expr low = var(all->inputs[i][d].min), high = var(all->inputs[i][d].max);
            min = bound(name + ".min", min);
            const Expr max = bound(name + ".last", Sub::make(Add::make(min, extent), i32(1)));
            // In iterations that do not compute the stage the answer means nothing.
            Expr empty = LT::make(max, min);
            if (wanted.used.defined()) empty = Or::make(Not::make(wanted.used), empty);
            const Expr inside = Or::make(empty, And::make(LE::make(low, min), LE::make(max, high)));
            const Expr text = Call::make(heddle::Handle(), CallOp::stringify,
                                         {StringImm::make("for a part of its output it asks for more of input " + std::to_string(i) +
                                                          " than for the whole: from "),
                                          min, StringImm::make(" to "), max, StringImm::make(" in dimension " + std::to_string(d))});
            steps.push_back({Symbol(), inside,
                             Call::make(Int(32), CallOp::extern_c,
                                        {Call::make(heddle::Handle(), CallOp::user_context, {}), StringImm::make("extern stage " + name), text},
                                        "halide_error_requirement_failed")});
            const Expr before = Sub::make(low, i32(1));
            steps.push_back({b.min, Call::make(Int(32), CallOp::promise_clamped, {Select::make(empty, low, min), low, high}), Expr()});
            steps.push_back({b.max, Call::make(Int(32), CallOp::promise_clamped, {Select::make(empty, before, max), before, high}), Expr()});
        }
    }
    return steps;
}

Stmt ExternStages::at_level(const LoopPlace &level, Stmt s) {
    if (level == LoopPlace{}) return s;
    // Consumers outermost: what they answer decides what is asked of producers.
    std::vector<int> funcs;
    for (const Question &q : questions_) {
        if (q.level == level) funcs.push_back(q.func);
    }
    std::sort(funcs.begin(), funcs.end());
    for (const int f : funcs) {
        question(f, LoopPlace{});
        Question q = question(f, level);
        s = with_steps(ask(q, s), s);
    }
    return s;
}

std::vector<PrologueStep> ExternStages::prologue(const Stmt &s) {
    std::vector<int> funcs;
    for (const Question &q : questions_) {
        if (q.level == LoopPlace{}) funcs.push_back(q.func);
    }
    std::sort(funcs.rbegin(), funcs.rend());
    std::vector<PrologueStep> steps;
    for (const int f : funcs) {
        Question q = question(f, LoopPlace{});
        const std::vector<PrologueStep> more = ask(q, s);
        steps.insert(steps.end(), more.begin(), more.end());
    }
    return steps;
}

}  // namespace heddle::Internal
