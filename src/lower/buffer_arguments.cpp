#include "lower/buffer_arguments.h"

#include <limits>

#include "analysis/box.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/print.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

Expr i32(int64_t v) {
    return make_const(Int(32), v);
}
Expr var(const Symbol &s) {
    return Variable::make(Int(32), s);
}
Expr minus_one(Expr e) {
    return simplify(Sub::make(std::move(e), i32(1)));
}

// A call of one of the runtime's halide_error_* functions.
Expr error_call(const char *function, ExprList args) {
    args.insert(args.begin(), Call::make(Handle(), CallOp::user_context, {}));
    return Call::make(Int(32), CallOp::extern_c, std::move(args), function);
}

class ArgumentChecks {
public:
    ArgumentChecks(const Stmt &body, const std::vector<BufferArgument> &buffers,
                   const std::vector<std::shared_ptr<const ParameterContents>> &scalars,
                   const std::vector<Requirement> &requirements, const std::vector<PrologueStep> &prologue, const Target &target)
        : buffers_(buffers), scalars_(scalars), requirements_(requirements), target_(target) {
        touched_ = boxes_touched(body, {}, Touch::Both, SelectBranches::Both);
        for (const BufferArgument &b : buffers_) require(b);
        lets_.insert(lets_.end(), prologue.begin(), prologue.end());
        body_ = body;
    }

    Stmt make() {
        StmtList inner;
        // What one buffer is needed for follows from the shapes of others, so these are looked at first.
        for (const BufferArgument &b : buffers_) shape_checks(b, inner);
        for (const BufferArgument &b : buffers_) checks(b, inner);
        for (const auto &p : scalars_) scalar_checks(*p, inner);
        StmtList first;
        for (const Requirement &r : requirements_) {
            (r.also_of_queries ? first : inner).push_back(Assert::make(r.condition, r.message));
        }
        if (target_.has_feature(Target::NoAsserts)) {
            inner.clear();
            first.clear();
        }
        inner.push_back(views());
        Stmt s = Block::make(inner);
        if (!target_.has_feature(Target::NoBoundsQuery)) s = with_bounds_query(s);
        first.push_back(s);
        s = Block::make(first);
        for (size_t i = lets_.size(); i-- > 0;) {
            const PrologueStep &step = lets_[i];
            s = step.symbol.defined() ? LetStmt::make(step.symbol, step.value, s) :
                                        Block::make({Assert::make(step.value, step.message), s});
        }
        StmtList all;
        if (!target_.has_feature(Target::NoAsserts)) {
            for (const BufferArgument &b : buffers_) before_fields(b, all);
        }
        all.push_back(s);
        return Block::make(all);
    }

private:
    Expr handle(const BufferArgument &b) const {
        return Variable::make(Handle(), b.handle);
    }
    Expr field(const BufferArgument &b, CallOp op, size_t d) const {
        return Call::make(Int(32), op, {handle(b), i32(static_cast<int64_t>(d))});
    }

    // The region that the kernel touches of each buffer, as lets outside of everything.
    struct Required {
        ExprList min, max;
        bool used = false;
    };

    void require(const BufferArgument &b) {
        for (size_t d = 0; d < b.min.size(); d++) {
            // What is constrained to a constant is that constant; checks() compares the field itself.
            using Constraint = BufferConstraint;
            const auto value = [&](Expr Constraint::*which, CallOp op) {
                const Expr fixed = constraint(b, d, which);
                return fixed.defined() && is_const(fixed) ? fixed : field(b, op, d);
            };
            lets_.push_back({b.min[d], value(&Constraint::min, CallOp::buffer_min), Expr()});
            lets_.push_back({b.extent[d], value(&Constraint::extent, CallOp::buffer_extent), Expr()});
            lets_.push_back({b.stride[d], value(&Constraint::stride, CallOp::buffer_stride), Expr()});
        }
        Required r;
        auto it = touched_.find(b.base);
        r.used = it != touched_.end();
        for (size_t d = 0; d < b.min.size(); d++) {
            if (!r.used) {
                r.min.push_back(var(b.min[d]));
                r.max.push_back(minus_one(Add::make(var(b.min[d]), var(b.extent[d]))));
                continue;
            }
            const Interval &i = it->second[d];
            if (!i.min.defined() || !i.max.defined()) unbounded(b, d);
            r.min.push_back(with_clamps(i.min));
            r.max.push_back(with_clamps(i.max));
        }
        required_.push_back(r);
    }

    // Required bounds may use any buffer's fields, so they are bound after all of those.
    void bind_required() {
        if (required_bound_) return;
        required_bound_ = true;
        for (size_t k = 0; k < buffers_.size(); k++) {
            for (size_t d = 0; d < required_[k].min.size(); d++) {
                bind(required_[k].min[d], buffers_[k].name + ".required_min." + std::to_string(d));
                bind(required_[k].max[d], buffers_[k].name + ".required_max." + std::to_string(d));
            }
        }
    }
    void bind(Expr &e, const std::string &name) {
        if (is_const(e) || e.as<Variable>()) return;
        Symbol s = Symbol::fresh(name);
        lets_.push_back({s, e, Expr()});
        e = var(s);
    }

    [[noreturn]] static void unbounded(const BufferArgument &b, size_t d) {
        Diagnostic diagnostic;
        diagnostic.code = 453;
        diagnostic.var = b.name;
        diagnostic.message = "Buffer " + b.name + " may be accessed in an unbounded way in dimension " +
                             std::to_string(d);
        diagnostic.hint = "clamp() the index to the range that is meant";
        throw CompileError(diagnostic);
    }

    // What must hold before any field is read.
    void before_fields(const BufferArgument &b, StmtList &out) const {
        Expr is_null = Call::make(Bool(), CallOp::buffer_is_null, {handle(b)});
        out.push_back(Assert::make(Not::make(is_null),
                                   error_call("halide_error_buffer_argument_is_null", {StringImm::make(b.name)})));
        Expr dims = Call::make(Int(32), CallOp::buffer_dimensions, {handle(b)});
        const Expr want = i32(static_cast<int64_t>(b.min.size()));
        out.push_back(Assert::make(EQ::make(dims, want), error_call("halide_error_bad_dimensions",
                                                                    {StringImm::make(described(b)), dims, want})));
    }

    static std::string described(const BufferArgument &b) {
        return (b.is_output ? "Output buffer " : "Input buffer ") + b.name;
    }

    static uint32_t type_bits(Type t) {
        return static_cast<uint32_t>(t.code()) | static_cast<uint32_t>(t.bits()) << 8 |
               static_cast<uint32_t>(t.lanes()) << 16;
    }

    Expr constraint(const BufferArgument &b, size_t d, Expr BufferConstraint::*which) const {
        return b.parameter && d < b.parameter->constraints.size() ? b.parameter->constraints[d].*which : Expr();
    }

    // The element type, and that every coordinate and the one past the end is an int32.
    void shape_checks(const BufferArgument &b, StmtList &out) const {
        const Expr name = StringImm::make(described(b));
        Expr type = Call::make(UInt(32), CallOp::buffer_type, {handle(b)});
        Expr want = make_const(UInt(32), static_cast<int64_t>(type_bits(b.type)));
        out.push_back(Assert::make(EQ::make(type, want), error_call("halide_error_bad_type", {name, type, want})));
        const Expr most = make_const(Int(64), int64_t{std::numeric_limits<int32_t>::max()});
        for (size_t d = 0; d < b.min.size(); d++) {
            const Expr dim = i32(static_cast<int64_t>(d));
            const Expr min = var(b.min[d]), extent = var(b.extent[d]);
            out.push_back(Assert::make(GE::make(extent, i32(0)),
                                       error_call("halide_error_buffer_extents_negative", {name, dim, extent})));
            const Expr end = Add::make(Cast::make(Int(64), min), Cast::make(Int(64), extent));
            const std::string counted = described(b) + ", counted from 0 along dimension " + std::to_string(d) + ",";
            out.push_back(Assert::make(LE::make(end, most), error_call("halide_error_buffer_extents_too_large",
                                                                       {StringImm::make(counted), end, most})));
        }
    }

    void checks(const BufferArgument &b, StmtList &out) {
        bind_required();
        const Required &r = required_[static_cast<size_t>(&b - buffers_.data())];
        const Expr name = StringImm::make(described(b));
        Expr total = make_const(Int(64), int64_t{1});
        const int64_t limit = target_.maximum_buffer_size();
        for (size_t d = 0; d < b.min.size(); d++) {
            const Expr dim = i32(static_cast<int64_t>(d));
            const Expr min = var(b.min[d]), extent = var(b.extent[d]), stride = var(b.stride[d]);
            const Expr max = minus_one(Add::make(min, extent));
            if (r.used) {
                Expr fits = And::make(LE::make(min, r.min[d]), LE::make(r.max[d], max));
                out.push_back(Assert::make(fits, error_call("halide_error_access_out_of_bounds",
                                                            {name, dim, r.min[d], r.max[d], min, max})));
            }
            // Sizes in 64 bits: the address of every element must be an index that cannot wrap.
            Expr size = Call::make(UInt(64), CallOp::abs,
                                   {Mul::make(Cast::make(Int(64), extent), Cast::make(Int(64), stride))});
            size = Mul::make(size, make_const(UInt(64), static_cast<int64_t>(b.type.bytes())));
            const Expr most = make_const(UInt(64), limit);
            out.push_back(Assert::make(LE::make(size, most), error_call("halide_error_buffer_allocation_too_large",
                                                                        {name, size, most})));
            total = Mul::make(total, Cast::make(Int(64), extent));
            if (d > 0) {
                const Expr most_elements = make_const(Int(64), limit);
                out.push_back(Assert::make(LE::make(total, most_elements),
                                           error_call("halide_error_buffer_extents_too_large",
                                                      {name, total, most_elements})));
            }
            if (b.shaped_like >= 0) {
                const BufferArgument &first = buffers_[static_cast<size_t>(b.shaped_like)];
                constraint_check(b, d, "min", min, var(first.min[d]), out);
                constraint_check(b, d, "extent", extent, var(first.extent[d]), out);
            }
            constraint_check(b, d, "min", field(b, CallOp::buffer_min, d), constraint(b, d, &BufferConstraint::min), out);
            constraint_check(b, d, "extent", field(b, CallOp::buffer_extent, d), constraint(b, d, &BufferConstraint::extent), out);
            constraint_check(b, d, "stride", field(b, CallOp::buffer_stride, d), constraint(b, d, &BufferConstraint::stride), out);
        }
        Expr host = Call::make(Handle(), CallOp::buffer_host, {handle(b)});
        Expr address = Reinterpret::make(UInt(64), host);
        Expr dirty = Call::make(Bool(), CallOp::buffer_device_dirty, {handle(b)});
        if (!target_.has_gpu_feature()) {
            out.push_back(Assert::make(Not::make(dirty),
                                       error_call("halide_error_device_dirty_with_no_device_support", {name})));
        }
        out.push_back(Assert::make(NE::make(address, make_zero(UInt(64))),
                                   error_call("halide_error_host_is_null", {name})));
        if (b.parameter && b.parameter->host_alignment > b.type.bytes()) {
            Expr rest = Mod::make(address, make_const(UInt(64), int64_t{b.parameter->host_alignment}));
            out.push_back(Assert::make(EQ::make(rest, make_zero(UInt(64))),
                                       error_call("halide_error_unaligned_host_ptr",
                                                  {name, i32(b.parameter->host_alignment)})));
        }
    }

    static void constraint_check(const BufferArgument &b, size_t d, const char *what, const Expr &value,
                                 const Expr &want, StmtList &out) {
        if (!want.defined()) return;
        const std::string field = b.name + "." + what + "." + std::to_string(d);
        std::string wanted = to_string(want, PrintOptions{.types = false});
        if (int64_t c; as_const_int(want, &c)) wanted = std::to_string(c);
        out.push_back(Assert::make(EQ::make(value, want),
                                   error_call("halide_error_constraint_violated",
                                              {StringImm::make(field), value, StringImm::make(wanted), want})));
    }

    static void scalar_checks(const ParameterContents &p, StmtList &out) {
        const Expr value = Variable::make(p.type, p.symbol);
        const char *suffix = p.type.is_float() ? "f64" : p.type.is_int() ? "i64" : "u64";
        const Type wide = p.type.is_float() ? Float(64) : p.type.is_int() ? Int(64) : UInt(64);
        auto check = [&](const Expr &condition, const Expr &limit, const char *which) {
            const std::string function = std::string("halide_error_param_too_") + which + "_" + suffix;
            out.push_back(Assert::make(condition, error_call(function.c_str(),
                                                             {StringImm::make(p.name), Cast::make(wide, value),
                                                              Cast::make(wide, limit)})));
        };
        if (p.min_value.defined()) {
            const Expr limit = Cast::make(p.type, p.min_value);
            check(GE::make(value, limit), limit, "small");
        }
        if (p.max_value.defined()) {
            const Expr limit = Cast::make(p.type, p.max_value);
            check(LE::make(value, limit), limit, "large");
        }
    }

    // What a constraint of a buffer on its own shape is asked about in a bounds query: the shape that is
    // needed, dense.
    static Substitution needed_shape(const BufferArgument &b, const Required &r) {
        Substitution needed;
        Expr stride = i32(1);
        for (size_t d = 0; d < b.min.size(); d++) {
            needed[b.min[d]] = r.min[d];
            needed[b.extent[d]] = simplify(Add::make(Sub::make(r.max[d], r.min[d]), i32(1)));
            needed[b.stride[d]] = stride;
            stride = simplify(Mul::make(stride, needed[b.extent[d]]));
        }
        return needed;
    }

    // When any buffer has neither host nor device memory, the call asks what it must be: the answer is
    // written into such buffers, and nothing is computed.
    Stmt with_bounds_query(const Stmt &otherwise) {
        bind_required();
        Expr any;
        StmtList answers;
        for (size_t k = 0; k < buffers_.size(); k++) {
            const BufferArgument &b = buffers_[k];
            const Required &r = required_[k];
            Expr query = Call::make(Bool(), CallOp::buffer_is_bounds_query, {handle(b)});
            any = any.defined() ? Or::make(any, query) : query;
            ExprList args = {handle(b), make_const(UInt(32), static_cast<int64_t>(type_bits(b.type))),
                             i32(static_cast<int64_t>(b.min.size()))};
            StmtList answer;
            Expr stride = i32(1);
            Substitution needed = needed_shape(b, r);
            const auto propose = [&](size_t d, const Symbol &field, Expr BufferConstraint::*which) {
                const Expr wanted = constraint(b, d, which);
                if (wanted.defined()) needed[field] = simplify(substitute(needed, wanted));
                return needed[field];
            };
            for (size_t d = 0; d < b.min.size(); d++) {
                const bool constrained = constraint(b, d, &BufferConstraint::min).defined() ||
                                         constraint(b, d, &BufferConstraint::extent).defined();
                const Expr min = propose(d, b.min[d], &BufferConstraint::min);
                needed[b.extent[d]] = simplify(Add::make(Sub::make(r.max[d], min), i32(1)));
                const Expr extent = propose(d, b.extent[d], &BufferConstraint::extent);
                needed[b.stride[d]] = stride;
                stride = propose(d, b.stride[d], &BufferConstraint::stride);
                if (constrained) {
                    const Expr max = minus_one(Add::make(min, extent));
                    Expr covers = And::make(LE::make(min, r.min[d]), LE::make(r.max[d], max));
                    answer.push_back(Assert::make(
                        covers, error_call("halide_error_constraints_make_required_region_smaller",
                                           {StringImm::make(described(b)), i32(static_cast<int64_t>(d)), min, extent,
                                            r.min[d], simplify(Add::make(Sub::make(r.max[d], r.min[d]), i32(1)))})));
                }
                args.push_back(min);
                args.push_back(extent);
                args.push_back(stride);
                stride = simplify(Mul::make(stride, extent));
            }
            answer.push_back(Evaluate::make(Call::make(Int(32), CallOp::buffer_set_bounds, args)));
            answers.push_back(If::make(query, Block::make(answer)));
        }
        if (!any.defined()) return otherwise;
        return If::make(any, Block::make(answers), otherwise);
    }

    // The kernel itself, with each buffer's base pointer and shape bound.
    Stmt views() {
        Stmt s = body_;
        for (size_t k = buffers_.size(); k-- > 0;) {
            const BufferArgument &b = buffers_[k];
            Ranges bounds;
            ExprList strides;
            for (size_t d = 0; d < b.min.size(); d++) {
                bounds.push_back({var(b.min[d]), var(b.extent[d])});
                strides.push_back(var(b.stride[d]));
            }
            s = View::make(b.base, {b.type}, bounds, strides, s);
            s = LetStmt::make(b.base, Call::make(Handle(), CallOp::buffer_host, {handle(b)}), s);
        }
        return s;
    }

    const std::vector<BufferArgument> &buffers_;
    const std::vector<std::shared_ptr<const ParameterContents>> &scalars_;
    const std::vector<Requirement> &requirements_;
    const Target &target_;
    Stmt body_;
    std::map<Symbol, Box> touched_;
    std::vector<Required> required_;
    bool required_bound_ = false;
    std::vector<PrologueStep> lets_;
};

}  // namespace

BufferArgument make_buffer_argument(const std::string &name, const Symbol &base, Type type, int dimensions,
                                    bool is_output, std::shared_ptr<const ParameterContents> parameter) {
    BufferArgument b;
    b.name = name;
    b.handle = Symbol::fresh(name + ".buffer", parameter);
    b.base = base;
    b.type = type;
    b.is_output = is_output;
    for (int d = 0; d < dimensions; d++) {
        const auto i = static_cast<size_t>(d);
        const std::string suffix = "." + std::to_string(d);
        if (parameter && i < parameter->dim_symbols.size() && parameter->dim_symbols[i].min.defined()) {
            b.min.push_back(parameter->dim_symbols[i].min);
            b.extent.push_back(parameter->dim_symbols[i].extent);
            b.stride.push_back(parameter->dim_symbols[i].stride);
        } else {
            b.min.push_back(Symbol::fresh(name + ".min" + suffix));
            b.extent.push_back(Symbol::fresh(name + ".extent" + suffix));
            b.stride.push_back(Symbol::fresh(name + ".stride" + suffix));
        }
    }
    b.parameter = std::move(parameter);
    return b;
}

Stmt with_argument_checks(const Stmt &body, const std::vector<BufferArgument> &buffers,
                          const std::vector<std::shared_ptr<const ParameterContents>> &scalars,
                          const std::vector<Requirement> &requirements, const std::vector<PrologueStep> &prologue,
                          const Target &target) {
    return ArgumentChecks(body, buffers, scalars, requirements, prologue, target).make();
}

}  // namespace heddle::Internal
