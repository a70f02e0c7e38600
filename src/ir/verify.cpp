// What holds of every statement between two passes.
//
// Structure
//   S1  every child is defined, but for If::else_case; a Block holds no Block and never exactly one statement.
// Levels
//   L1  every node may stand at the level: the letters of nodes.def.
//   L2  vectors (Ramp, Broadcast, Shuffle, VectorReduce, any type of several lanes) occur at flat and device
//       level only; the loops that become vectors before that are scalar code.
//   L3  scatter_gather occurs at tensor level only.
// Scoping
//   C1  every Variable stands in the scope of the Let, LetStmt or For of its symbol, or the symbol is free.
//   C2  a symbol is bound once on every path from the root: nothing shadows. The copies that unrolling and
//       loop partitioning make may bind the same symbol side by side.
//   C3  a Variable has the type of its binding (a let's value, a loop's min), and all free uses of a symbol
//       one type.
//   C4  a buffer is accessed inside its Realize or View (nest), its Allocate or the scope of its pointer
//       (flat), or the symbol is free.
//   C5  with a list of free symbols, only those are free, and they have the listed types.
// Types
//   T1  the type of an operator follows from its operands as nodes.def says, and conditions are bool.
//   T2  a call has the type that follows from intrinsics.def, where it does follow.
//   T3  indices are integers of 32 or 64 bits; so are bounds, extents and strides.
//   T4  an Access or Write has as many indices as its Realize or View has dimensions, and the element type
//       given there.
//   T5  a buffer has one element type: all its loads and stores, and its Allocate, agree.
// Lanes
//   V1  operands have as many lanes as the node; index, value and predicate of a Load or Store as well.
//   V2  loop bounds, conditions of If, Assert, Realize and Allocate, and allocation extents are scalar.
// Predicates
//   P1  a predicate is bool, and that of a Write is scalar.
// Loops
//   F1  with VerifyOptions::constant_extents, vectorized and unrolled loops have constant extents.
//   F2  after the passes that remove them, no vectorized (unrolled) loop is left.
//
// Not checked: that indices are in bounds, that memory is written before it is read, that parallel
// iterations are independent (the interpreter finds these when it runs); that alignments hold; that impure
// calls stand where they are evaluated once.

#include "ir/verify.h"

#include <functional>
#include <string_view>
#include <unordered_map>

#include "ir/compare.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "ir/scope.h"
#include "ir/text.h"

namespace heddle::Internal {

namespace {

std::string_view levels_of(NodeKind kind) {
    switch (kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name:                             \
        return levels;
#define HEDDLE_STMT HEDDLE_EXPR
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
    }
    return "";
}

char letter(Level level) {
    switch (level) {
    case Level::Tensor: return 'T';
    case Level::Nest: return 'N';
    case Level::Flat: return 'L';
    case Level::Device: return 'D';
    }
    return '?';
}

bool is_index_type(Type t) {
    return t.is_int() && (t.bits() == 32 || t.bits() == 64);
}

class Verifier {
public:
    Verifier(Level level, const VerifyOptions &options, std::function<std::string(const Node *)> show)
        : level_(level), options_(options), show_(std::move(show)) {
        if (!options.free) return;
        for (const auto &[symbol, type] : *options.free) listed_.emplace(symbol.id(), type);
    }

    void check(const Expr &e, const Node &parent) {
        require(e.defined(), parent, "S1: a child is undefined");
        const Node &n = *e.get();
        at_level(n);
        require(level_ >= Level::Flat || e.type().is_scalar(), n, "L2: a vector above flat level");
        check_expr(e);
    }

    void check(const Stmt &s, const Node *parent) {
        if (!s.defined()) fail(parent, "S1: a child is undefined");
        at_level(*s.get());
        check_stmt(s);
    }

    void check_root(const Expr &e) {
        if (!e.defined()) fail(nullptr, "S1: the expression is undefined");
        check(e, *e.get());
    }

private:
    /** What the scope says about a buffer. */
    struct Shape {
        size_t dimensions;
        Types types;
    };

    [[noreturn]] void fail(const Node *n, const std::string &message) const {
        throw InternalError(concat("the IR is not valid at level ", to_string(level_), ": ", message, "\n",
                                   n ? show_(n) : std::string()));
    }
    template<typename... Args>
    void require(bool holds, const Node &n, const Args &...message) const {
        if (!holds) fail(&n, concat(message...));
    }
    void at_level(const Node &n) const {
        require(levels_of(n.kind).find(letter(level_)) != std::string_view::npos, n, "L1: ", to_string(n.kind),
                " does not stand at this level");
    }

    // --- scoping

    void bind(const Symbol &s, Type t, const Node &n) {
        require(s.defined(), n, "S1: the symbol is undefined");
        require(!variables_.contains(s), n, "C2: ", s.name(), " is bound already around here");
        variables_.push(s, t);
    }

    void use(const Symbol &s, Type t, const Node &n) {
        if (const Type *bound = variables_.find(s)) {
            require(*bound == t, n, "C3: ", s.name(), " is bound to a ", to_string(*bound), ", not a ", to_string(t));
            return;
        }
        use_free(s, t, n);
    }

    void use_free(const Symbol &s, Type t, const Node &n) {
        if (options_.free) {
            auto it = listed_.find(s.id());
            require(it != listed_.end(), n, "C5: ", s.name(), " is bound nowhere");
            require(it->second == t, n, "C5: ", s.name(), " is a ", to_string(it->second), ", not a ", to_string(t));
        }
        const Type seen = free_types_.emplace(s.id(), t).first->second;
        require(seen == t, n, "C3: ", s.name(), " is used as a ", to_string(seen), " and as a ", to_string(t));
    }

    void use_flat_buffer(const Symbol &s, Type element, const Node &n) {
        require(s.defined(), n, "S1: the buffer is undefined");
        if (!allocated_.contains(s)) use(s, heddle::Handle(), n);
        const Type seen = elements_.emplace(s.id(), element).first->second;
        require(seen == element, n, "T5: ", s.name(), " holds ", to_string(seen), ", not ", to_string(element));
    }

    void use_shaped_buffer(const Symbol &s, const ExprList &args, int value_index, Type element, const Node &n) {
        require(s.defined(), n, "S1: the buffer is undefined");
        for (const Expr &a : args) check_index(a, n);
        const Shape *shape = shapes_.find(s);
        if (!shape) {
            // At tensor level an Access calls a stage, which is bound nowhere.
            require(level_ == Level::Tensor || !options_.free || listed_.count(s.id()), n, "C4: ", s.name(),
                    " is accessed outside a Realize or View of it");
            return;
        }
        require(shape->dimensions == args.size(), n, "T4: ", s.name(), " has ", shape->dimensions,
                " dimensions, but is accessed with ", args.size());
        const auto i = static_cast<size_t>(value_index);
        require(i < shape->types.size(), n, "T4: ", s.name(), " has no value ", value_index);
        require(shape->types[i] == element, n, "T4: ", s.name(), " holds ", to_string(shape->types[i]), ", not ",
                to_string(element));
    }

    // --- expressions

    void check_index(const Expr &e, const Node &parent) {
        check(e, parent);
        require(is_index_type(e.type()), *e.get(), "T3: an index of type ", to_string(e.type()));
    }
    void check_scalar_index(const Expr &e, const Node &parent) {
        check_index(e, parent);
        require(e.type().is_scalar(), *e.get(), "V2: a vector where a scalar is needed");
    }
    void check_condition(const Expr &e, const Node &parent) {
        check(e, parent);
        require(e.type() == Bool(), *e.get(), "V2: a condition of type ", to_string(e.type()));
    }
    void check_predicate(const Expr &e, int lanes, const Node &parent) {
        check(e, parent);
        require(e.type().element_of() == Bool(), *e.get(), "P1: a predicate of type ", to_string(e.type()));
        require(e.type().lanes() == lanes, *e.get(), "V1: a predicate of ", e.type().lanes(), " lanes for ", lanes);
    }

    template<typename N>
    void binary(const N &n, Type result) {
        check(n.a, n);
        check(n.b, n);
        require(n.a.type().lanes() == n.b.type().lanes(), n, "V1: operands of ", n.a.type().lanes(), " and ",
                n.b.type().lanes(), " lanes");
        require(n.a.type() == n.b.type(), n, "T1: operands of types ", to_string(n.a.type()), " and ",
                to_string(n.b.type()));
        require(n.type == result, n, "T1: the node says ", to_string(n.type), ", its operands ", to_string(result));
    }
    template<typename N>
    void logical(const N &n) {
        binary(n, n.a.type());
        require(n.type.is_bool(), n, "T1: logic on ", to_string(n.type));
    }

    void check_expr(const Expr &e) {
#define HEDDLE_AS(Name) const auto &n = static_cast<const Name &>(*e.get())
#define HEDDLE_WITH(Name, ...)   \
    case NodeKind::Name: {       \
        HEDDLE_AS(Name);         \
        __VA_ARGS__;             \
        return;                  \
    }
        switch (e.get()->kind) {
            HEDDLE_WITH(IntImm, require(n.type.is_int() && n.type.is_scalar() && wrap_signed(n.value, n.type.bits()) == n.value, n,
                                        "T1: a constant that does not fit ", to_string(n.type)))
            HEDDLE_WITH(UIntImm, require(n.type.is_uint() && n.type.is_scalar() && wrap_unsigned(n.value, n.type.bits()) == n.value, n,
                                         "T1: a constant that does not fit ", to_string(n.type)))
            HEDDLE_WITH(FloatImm, require(n.type.is_float() && n.type.is_scalar(), n, "T1: a float constant of type ", to_string(n.type)))
            HEDDLE_WITH(StringImm, require(n.type == heddle::Handle(), n, "T1: a string of type ", to_string(n.type)))
            HEDDLE_WITH(Cast, check(n.value, n); require(n.type.lanes() == n.value.type().lanes(), n, "V1: a cast that changes the lanes"))
            HEDDLE_WITH(Reinterpret, check(n.value, n);
                        require(n.type.bits() * n.type.lanes() == n.value.type().bits() * n.value.type().lanes(), n,
                                "T1: a reinterpretation that changes the width"))
            HEDDLE_WITH(Add, binary(n, n.a.type()))
            HEDDLE_WITH(Sub, binary(n, n.a.type()))
            HEDDLE_WITH(Mul, binary(n, n.a.type()))
            HEDDLE_WITH(Div, binary(n, n.a.type()))
            HEDDLE_WITH(Mod, binary(n, n.a.type()))
            HEDDLE_WITH(Min, binary(n, n.a.type()))
            HEDDLE_WITH(Max, binary(n, n.a.type()))
            HEDDLE_WITH(EQ, binary(n, Bool(n.a.type().lanes())))
            HEDDLE_WITH(NE, binary(n, Bool(n.a.type().lanes())))
            HEDDLE_WITH(LT, binary(n, Bool(n.a.type().lanes())))
            HEDDLE_WITH(LE, binary(n, Bool(n.a.type().lanes())))
            HEDDLE_WITH(GT, binary(n, Bool(n.a.type().lanes())))
            HEDDLE_WITH(GE, binary(n, Bool(n.a.type().lanes())))
            HEDDLE_WITH(And, logical(n))
            HEDDLE_WITH(Or, logical(n))
            HEDDLE_WITH(Not, check(n.a, n); require(n.type.is_bool() && n.a.type() == n.type, n, "T1: Not of ", to_string(n.a.type())))
            HEDDLE_WITH(Select, check_select(n))
            HEDDLE_WITH(Variable, use(n.symbol, n.type, n))
            HEDDLE_WITH(Let, check_let(n))
            HEDDLE_WITH(Access, use_shaped_buffer(n.buffer, n.args, n.value_index, n.type, n))
            HEDDLE_WITH(Load, check_load(n))
            HEDDLE_WITH(Ramp, check_ramp(n))
            HEDDLE_WITH(Broadcast, check(n.value, n);
                        require(n.type == n.value.type().with_lanes(n.value.type().lanes() * n.lanes), n, "V1: lanes of a Broadcast"))
            HEDDLE_WITH(Shuffle, check_shuffle(n))
            HEDDLE_WITH(VectorReduce, check(n.value, n);
                        require(n.type.element_of() == n.value.type().element_of(), n, "T1: a reduction that changes the type");
                        require(n.type.lanes() >= 1 && n.value.type().lanes() % n.type.lanes() == 0, n, "V1: lanes of a VectorReduce"))
            HEDDLE_WITH(Call, check_call(n))
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
            fail(e.get(), "S1: a statement where an expression is needed");
        }
#undef HEDDLE_WITH
#undef HEDDLE_AS
    }

    void check_select(const Select &n) {
        check(n.condition, n);
        check(n.true_value, n);
        check(n.false_value, n);
        require(n.condition.type().is_bool(), n, "T1: a condition of type ", to_string(n.condition.type()));
        require(n.condition.type().is_scalar() || n.condition.type().lanes() == n.type.lanes(), n, "V1: a condition of ",
                n.condition.type().lanes(), " lanes for ", n.type.lanes());
        require(n.true_value.type() == n.type && n.false_value.type() == n.type, n, "T1: a select of ",
                to_string(n.true_value.type()), " and ", to_string(n.false_value.type()));
    }

    void check_let(const Let &n) {
        check(n.value, n);
        bind(n.symbol, n.value.type(), n);
        check(n.body, n);
        variables_.pop(n.symbol);
        require(n.type == n.body.type(), n, "T1: a Let whose type is not its body's");
    }

    void check_load(const Load &n) {
        use_flat_buffer(n.buffer, n.type.element_of(), n);
        check_index(n.index, n);
        require(n.index.type().lanes() == n.type.lanes(), n, "V1: an index of ", n.index.type().lanes(), " lanes for ",
                n.type.lanes());
        check_predicate(n.predicate, n.type.lanes(), n);
    }

    void check_ramp(const Ramp &n) {
        check(n.base, n);
        check(n.stride, n);
        require(n.base.type() == n.stride.type(), n, "T1: a Ramp of ", to_string(n.base.type()), " and ",
                to_string(n.stride.type()));
        require(n.lanes > 1 && n.type == n.base.type().with_lanes(n.base.type().lanes() * n.lanes), n, "V1: lanes of a Ramp");
    }

    void check_shuffle(const Shuffle &n) {
        require(!n.vectors.empty(), n, "S1: a Shuffle of nothing");
        int total = 0;
        for (const Expr &v : n.vectors) {
            check(v, n);
            require(v.type().element_of() == n.type.element_of(), n, "T1: a Shuffle of different types");
            total += v.type().lanes();
        }
        require(static_cast<int>(n.indices.size()) == n.type.lanes(), n, "V1: lanes of a Shuffle");
        for (const int i : n.indices) require(i >= 0 && i < total, n, "V1: lane ", i, " of ", total);
    }

    void check_call(const Call &n) {
        for (const Expr &a : n.args) check(a, n);
        const std::optional<Type> usual = usual_type(n.op, n.args);
        require(!usual || *usual == n.type, n, "T2: ", to_string(n.op), " gives ", usual ? to_string(*usual) : "",
                ", not ", to_string(n.type));
        const bool is_extern = n.op == CallOp::extern_c || n.op == CallOp::pure_extern_c;
        require(!is_extern || !n.name.empty(), n, "S1: a call of a C function without a name");
        require(n.op != CallOp::scatter_gather || level_ == Level::Tensor, n, "L3: several values where stores are single");
    }

    // --- statements

    void check_stmt(const Stmt &s) {
#define HEDDLE_WITH(Name, function)  \
    case NodeKind::Name:             \
        return function(*s.as<Name>());
        switch (s.get()->kind) {
            HEDDLE_WITH(LetStmt, check_let_stmt)
            HEDDLE_WITH(Assert, check_assert)
            HEDDLE_WITH(For, check_for)
            HEDDLE_WITH(Write, check_write)
            HEDDLE_WITH(Store, check_store)
            HEDDLE_WITH(Realize, check_realize)
            HEDDLE_WITH(View, check_view)
            HEDDLE_WITH(Allocate, check_allocate)
            HEDDLE_WITH(Block, check_block)
            HEDDLE_WITH(If, check_if)
        case NodeKind::ProducerConsumer: {
            const auto *n = s.as<ProducerConsumer>();
            require(n->buffer.defined(), *n, "S1: the buffer is undefined");
            return check(n->body, n);
        }
        case NodeKind::Fork: {
            const auto *n = s.as<Fork>();
            require(n->tasks.size() > 1, *n, "S1: a Fork of ", n->tasks.size(), " tasks");
            for (const Stmt &task : n->tasks) check(task, n);
            return;
        }
        case NodeKind::Acquire: {
            const auto *n = s.as<Acquire>();
            check(n->semaphore, *n);
            check(n->count, *n);
            require(n->semaphore.type() == heddle::Handle(), *n, "T1: a semaphore of type ", to_string(n->semaphore.type()));
            require(n->count.type() == Int(32), *n, "T1: a count of type ", to_string(n->count.type()));
            return check(n->body, n);
        }
        case NodeKind::Atomic: return check(s.as<Atomic>()->body, s.get());
        case NodeKind::Evaluate: return check(s.as<Evaluate>()->value, *s.get());
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
            fail(s.get(), "S1: an expression where a statement is needed");
        }
#undef HEDDLE_WITH
    }

    void check_let_stmt(const LetStmt &n) {
        check(n.value, n);
        bind(n.symbol, n.value.type(), n);
        check(n.body, &n);
        variables_.pop(n.symbol);
    }

    void check_assert(const Assert &n) {
        check_condition(n.condition, n);
        check(n.message, n);
        require(n.message.type() == Int(32), n, "T1: a message of type ", to_string(n.message.type()));
    }

    void check_for(const For &n) {
        check_scalar_index(n.min, n);
        check_scalar_index(n.extent, n);
        require(n.min.type() == n.extent.type(), n, "T1: bounds of types ", to_string(n.min.type()), " and ",
                to_string(n.extent.type()));
        const bool vectorized = n.for_type == ForType::Vectorized, unrolled = n.for_type == ForType::Unrolled;
        require(!options_.constant_extents || !(vectorized || unrolled) || is_const(n.extent), n, "F1: a loop ",
                to_string(n.for_type), " without a constant extent");
        require(!(vectorized && options_.no_vectorized_loops) && !(unrolled && options_.no_unrolled_loops), n, "F2: a loop ",
                to_string(n.for_type), " is left");
        bind(n.loop, n.min.type(), n);
        check(n.body, &n);
        variables_.pop(n.loop);
    }

    void check_write(const Write &n) {
        require(!n.values.empty(), n, "S1: a Write of nothing");
        for (size_t i = 0; i < n.values.size(); i++) {
            check(n.values[i], n);
            if (i == 0) use_shaped_buffer(n.buffer, n.args, 0, n.values[0].type(), n);
            const Shape *shape = shapes_.find(n.buffer);
            require(!shape || (shape->types.size() == n.values.size() && shape->types[i] == n.values[i].type()), n,
                    "T4: value ", i, " of ", n.buffer.name(), " has another type");
        }
        check_predicate(n.predicate, 1, n);
    }

    void check_store(const Store &n) {
        check(n.value, n);
        use_flat_buffer(n.buffer, n.value.type().element_of(), n);
        check_index(n.index, n);
        require(n.index.type().lanes() == n.value.type().lanes(), n, "V1: an index of ", n.index.type().lanes(),
                " lanes for ", n.value.type().lanes());
        check_predicate(n.predicate, n.value.type().lanes(), n);
    }

    void check_bounds(const Ranges &bounds, const Node &n) {
        for (const Range &r : bounds) {
            check_scalar_index(r.min, n);
            check_scalar_index(r.extent, n);
        }
    }

    void check_realize(const Realize &n) {
        check_bounds(n.bounds, n);
        check_condition(n.condition, n);
        std::vector<bool> seen(n.bounds.size(), false);
        require(n.order.size() == n.bounds.size(), n, "T4: order lists ", n.order.size(), " dimensions");
        for (const int d : n.order) {
            require(d >= 0 && d < static_cast<int>(seen.size()) && !seen[static_cast<size_t>(d)], n,
                    "T4: order is no permutation of the dimensions");
            seen[static_cast<size_t>(d)] = true;
        }
        require(!shapes_.contains(n.buffer), n, "C2: ", n.buffer.name(), " is realized already around here");
        shapes_.push(n.buffer, {n.bounds.size(), n.types});
        check(n.body, &n);
        shapes_.pop(n.buffer);
    }

    void check_view(const View &n) {
        check_bounds(n.bounds, n);
        for (const Expr &e : n.strides) check_scalar_index(e, n);
        use(n.buffer, heddle::Handle(), n);
        shapes_.push(n.buffer, {n.bounds.size(), n.types});
        check(n.body, &n);
        shapes_.pop(n.buffer);
    }

    void check_allocate(const Allocate &n) {
        for (const Expr &e : n.extents) check_scalar_index(e, n);
        check_condition(n.condition, n);
        require(!allocated_.contains(n.buffer), n, "C2: ", n.buffer.name(), " is allocated already around here");
        const Type seen = elements_.emplace(n.buffer.id(), n.type).first->second;
        require(seen == n.type, n, "T5: ", n.buffer.name(), " holds ", to_string(seen), ", not ", to_string(n.type));
        // The pointer can be used as a value, too.
        allocated_.push(n.buffer, true);
        bind(n.buffer, heddle::Handle(), n);
        check(n.body, &n);
        variables_.pop(n.buffer);
        allocated_.pop(n.buffer);
    }

    void check_block(const Block &n) {
        require(n.stmts.size() != 1, n, "S1: a Block of one statement");
        for (const Stmt &s : n.stmts) {
            require(!s.as<Block>(), n, "S1: a Block in a Block");
            check(s, &n);
        }
    }

    void check_if(const If &n) {
        check_condition(n.condition, n);
        check(n.then_case, &n);
        if (n.else_case.defined()) check(n.else_case, &n);
    }

    const Level level_;
    const VerifyOptions &options_;
    std::function<std::string(const Node *)> show_;
    Scope<Type> variables_;
    Scope<Shape> shapes_;
    Scope<bool> allocated_;
    std::unordered_map<uint64_t, Type> listed_, free_types_, elements_;
};

PrintOptions pointing_at(const Node *n) {
    PrintOptions options;
    options.mark = n;
    options.context = 8;
    return options;
}

}  // namespace

const char *to_string(Level level) {
    switch (level) {
    case Level::Tensor: return "tensor";
    case Level::Nest: return "nest";
    case Level::Flat: return "flat";
    case Level::Device: return "device";
    }
    return "?";
}

void verify(const Stmt &s, Level level, const VerifyOptions &options) {
    Verifier(level, options, [&](const Node *n) { return to_string(s, pointing_at(n)); }).check(s, nullptr);
}

void verify(const Expr &e, Level level, const VerifyOptions &options) {
    Verifier(level, options, [&](const Node *n) { return to_string(e, pointing_at(n)); }).check_root(e);
}

}  // namespace heddle::Internal
