#include "heddle/func.h"
#include "heddle/operators.h"
#include "ir/compare.h"
#include "language/define.h"
#include "language/implicit.h"
#include "support/large_stack.h"

namespace heddle {

using namespace Internal;

FuncRef::FuncRef(const FuncRef &) = default;
FuncRef::~FuncRef() = default;
FuncTupleElementRef::FuncTupleElementRef(const FuncTupleElementRef &) = default;
FuncTupleElementRef::~FuncTupleElementRef() = default;

FuncTupleElementRef::FuncTupleElementRef(const FuncRef &ref, int index)
    : ref_(ref), index_(index) {
}

Expr min(const FuncRef &a, const FuncRef &b) {
    return min(Expr(a), Expr(b));
}

Expr max(const FuncRef &a, const FuncRef &b) {
    return max(Expr(a), Expr(b));
}

FuncRef::FuncRef(std::shared_ptr<Function> f, std::vector<Expr> args, SourceLocation location)
    : function_(std::move(f)), args_(std::move(args)), location_(std::move(location)) {
}

namespace {

// The arguments of a use or of an update of a Func that is defined.
ExprList full_args(const Function &f, const ExprList &args, const SourceLocation &location) {
    return checked_call_args("Func", f.name, f.args.size(),
                             expand_placeholder("Func", f.name, args, f.args.size(), location), location);
}

void check_has_value(const Function &f, const SourceLocation &location) {
    if (f.defined()) return;
    refuse(200, f.name, location, concat("Func ", f.name, " is used before it is defined"));
}

}  // namespace

Expr FuncRef::use(int index) const {
    const Function &f = *function_;
    check_has_value(f, location_);
    const ExprList args = full_args(f, args_, location_);
    return Access::make(f.types[static_cast<size_t>(index)], f.symbol, args, index, function_);
}

FuncRef::operator Expr() const {
    check_has_value(*function_, location_);
    if (function_->types.size() != 1) {
        refuse(212, function_->name, location_,
               concat("Func ", function_->name, " has ", function_->types.size(),
                      " values: a use of it is no single value"),
               concat(function_->name, "(...)[0]"));
    }
    return use(0);
}

FuncTupleElementRef FuncRef::operator[](int index) const {
    check_has_value(*function_, location_);
    if (index < 0 || static_cast<size_t>(index) >= function_->types.size()) {
        refuse(213, function_->name, location_,
               concat("Func ", function_->name, " has ", function_->types.size(), " value(s), none of number ", index));
    }
    return FuncTupleElementRef(*this, index);
}

size_t FuncRef::size() const {
    return function_->defined() ? function_->types.size() : function_->required_types.size();
}

Tuple FuncRef::to_tuple() const {
    check_has_value(*function_, location_);
    std::vector<Expr> values;
    for (size_t i = 0; i < function_->types.size(); i++) values.push_back(use(static_cast<int>(i)));
    return Tuple(values);
}

bool FuncRef::equivalent_to(const FuncRef &other) const {
    if (function_ != other.function_ || args_.size() != other.args_.size()) return false;
    for (size_t i = 0; i < args_.size(); i++) {
        if (!equal(args_[i], other.args_[i])) return false;
    }
    return true;
}

// The left side of a definition whose placeholder, if any, stands for what the right side needs.
std::vector<Expr> FuncRef::left_side(const std::vector<Expr> &values) const {
    const Function &f = *function_;
    const int position = placeholder_position(f.name, args_, location_);
    if (position < 0) return args_;
    size_t dimensions = f.args.size();
    if (!f.defined()) {
        int implicit = 0;
        for (const Expr &e : values) {
            if (e.defined()) implicit = std::max(implicit, count_implicit(e));
        }
        dimensions = args_.size() - 1 + static_cast<size_t>(implicit);
    }
    return expand_placeholder("Func", f.name, args_, dimensions, location_);
}

Stage FuncRef::define(const std::vector<Expr> &values) {
    Function &f = *function_;
    run_with_large_stack([&] {
        const ExprList left = left_side(values);
        if (f.defined()) {
            define_update(f, left, values, location_);
        } else {
            define_pure(f, left, values, location_);
        }
    });
    return Stage(function_, f.stages() - 1);
}

Stage FuncRef::operator=(const Expr &e) {
    return define({e});
}

Stage FuncRef::operator=(const Tuple &e) {
    return define(e.as_vector());
}

Stage FuncRef::operator=(const FuncRef &e) {
    if (e.size() == 1 || !e.function_->defined()) return define({Expr(e)});
    return define(e.to_tuple().as_vector());
}

namespace {

Expr apply_update(const Expr &old, const Expr &e, int op) {
    switch (op) {
    case 0: return old + e;
    case 1: return old - e;
    case 2: return old * e;
    default: return old / e;
    }
}

}  // namespace

Stage FuncRef::update(Update op, std::vector<Expr> operand, bool is_tuple) {
    Function &f = *function_;
    for (const Expr &e : operand) {
        if (!e.defined()) refuse(210, f.name, location_, concat("an update of ", f.name, " with an undefined Expr"));
    }
    const ExprList left = left_side(operand);
    if (!f.defined()) {
        const int64_t initial = op == Update::Mul || op == Update::Div ? 1 : 0;
        ExprList args, values;
        for (size_t i = 0; i < left.size(); i++) {
            args.push_back(is_var(left[i]) ? left[i] : Expr(Var()));
        }
        for (const Expr &e : operand) values.push_back(make_const(e.type(), initial));
        define_pure(f, args, values, location_);
    }
    if (f.types.size() != operand.size()) {
        refuse(is_tuple ? 207 : 212, f.name, location_,
               concat("Func ", f.name, " has ", f.types.size(), " value(s), but its update has ", operand.size()));
    }
    const FuncRef self(function_, left, location_);
    ExprList values;
    for (size_t i = 0; i < operand.size(); i++) {
        values.push_back(apply_update(self.use(static_cast<int>(i)), operand[i], static_cast<int>(op)));
    }
    return FuncRef(function_, left, location_).define(values);
}

#define HEDDLE_UPDATE(op, kind)                                    \
    Stage FuncRef::operator op(const Expr &e) {                    \
        return update(Update::kind, {e}, false);                   \
    }                                                              \
    Stage FuncRef::operator op(const Tuple &e) {                   \
        return update(Update::kind, e.as_vector(), true);          \
    }                                                              \
    Stage FuncRef::operator op(const FuncRef &e) {                 \
        return update(Update::kind, e.to_tuple().as_vector(), true); \
    }
HEDDLE_UPDATE(+=, Add)
HEDDLE_UPDATE(-=, Sub)
HEDDLE_UPDATE(*=, Mul)
HEDDLE_UPDATE(/=, Div)
#undef HEDDLE_UPDATE

// The other elements keep their values.
Stage FuncTupleElementRef::operator=(const Expr &e) {
    const Function &f = *ref_.function_;
    check_has_value(f, ref_.location_);
    ExprList values;
    for (size_t i = 0; i < f.types.size(); i++) {
        values.push_back(static_cast<int>(i) == index_ ? e : Call::make(f.types[i], CallOp::undef, {}));
    }
    return ref_.define(values);
}

Stage FuncTupleElementRef::operator=(const FuncRef &e) {
    return *this = Expr(e);
}

Stage FuncTupleElementRef::operator=(const FuncTupleElementRef &e) {
    return *this = Expr(e);
}

Stage FuncTupleElementRef::update(FuncRef::Update op, const Expr &e) {
    if (!e.defined()) {
        refuse(210, ref_.function_->name, ref_.location_,
               concat("an update of ", ref_.function_->name, " with an undefined Expr"));
    }
    return *this = apply_update(Expr(*this), e, static_cast<int>(op));
}

Stage FuncTupleElementRef::operator+=(const Expr &e) {
    return update(FuncRef::Update::Add, e);
}
Stage FuncTupleElementRef::operator-=(const Expr &e) {
    return update(FuncRef::Update::Sub, e);
}
Stage FuncTupleElementRef::operator*=(const Expr &e) {
    return update(FuncRef::Update::Mul, e);
}
Stage FuncTupleElementRef::operator/=(const Expr &e) {
    return update(FuncRef::Update::Div, e);
}

FuncTupleElementRef::operator Expr() const {
    return ref_.use(index_);
}

}  // namespace heddle
