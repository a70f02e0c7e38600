#include "codegen/source/c_printer.h"

#include <algorithm>

#include "analysis/atomic_update.h"
#include "ir/device_loops.h"
#include "ir/math_expand.h"
#include "ir/rewrite.h"

namespace heddle::Internal {

// --- text

void CPrinter::line(const std::string &text) {
    body_.text.append(static_cast<size_t>(4 * indent_), ' ');
    body_.text += text;
    body_.text += '\n';
}
void CPrinter::open(const std::string &text) {
    line(text);
    indent_++;
}
void CPrinter::close(const std::string &text) {
    indent_--;
    line(text);
}

std::string CPrinter::fresh(const std::string &base) {
    std::string stem;
    for (const char c : base) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain || (!stem.empty() && stem.back() != '_')) stem += plain ? c : '_';
    }
    if (stem.empty() || (stem[0] >= '0' && stem[0] <= '9')) stem = "v" + stem;
    while (dialect_.is_reserved(stem)) stem = stem[0] == '_' ? "v" + stem : "v_" + stem;
    std::string name = stem;
    for (int n = 1; !body_.names.insert(name).second; n++) name = stem + (stem.back() == '_' ? "" : "_") + std::to_string(n);
    return name;
}

std::string CPrinter::define(Type t, const std::string &text, const std::string &base) {
    const std::string name = fresh(base);
    line(dialect_.constant_declaration(t, name, text));
    return name;
}

const CPrinter::Binding &CPrinter::lookup(const Symbol &s) const {
    const Binding *b = body_.scope.find(s);
    HEDDLE_ASSERT(b, "the symbol ", s.name(), " is bound nowhere");
    return *b;
}

bool CPrinter::is_text(const Expr &e) const {
    if (e.as<StringImm>()) return true;
    if (const Call *c = e.as<Call>()) return c->op == CallOp::stringify;
    const Variable *v = e.as<Variable>();
    return v && lookup(v->symbol).is_text;
}

// --- expressions

std::vector<Operand> CPrinter::operands(const ExprList &list) {
    std::vector<Operand> out;
    out.reserve(list.size());
    for (const Expr &e : list) out.push_back(operand(e));
    return out;
}

std::string CPrinter::value(const Expr &e) {
    switch (e.get()->kind) {
    case NodeKind::IntImm: return dialect_.integer(e.type(), e.as<IntImm>()->value);
    case NodeKind::UIntImm: return dialect_.unsigned_integer(e.type(), e.as<UIntImm>()->value);
    case NodeKind::FloatImm: return dialect_.floating(e.type(), e.as<FloatImm>()->value);
    case NodeKind::StringImm: return dialect_.text(e.as<StringImm>()->value);
    case NodeKind::Variable: return lookup(e.as<Variable>()->symbol).name;
    default: break;
    }
    if (!sharing_ || e.get()->count.load(std::memory_order_relaxed) <= 1) return compute(e);
    if (auto it = shared_.find(e.get()); it != shared_.end()) return it->second;
    std::string name = compute(e);
    shared_.emplace(e.get(), name);
    shared_order_.push_back(e.get());
    return name;
}

std::string CPrinter::operation(const char *name, const Expr &e, const ExprList &args) {
    return define(e.type(), dialect_.operation(name, e.type(), operands(args)));
}

std::string CPrinter::compute(const Expr &e) {
    const auto binary = [&](const char *name, const auto *n) { return operation(name, e, {n->a, n->b}); };
    switch (e.get()->kind) {
    case NodeKind::Cast: return operation("cast", e, {e.as<Cast>()->value});
    case NodeKind::Reinterpret: return operation("reinterpret", e, {e.as<Reinterpret>()->value});
    case NodeKind::Add: return binary("add", e.as<Add>());
    case NodeKind::Sub: return binary("sub", e.as<Sub>());
    case NodeKind::Mul: return binary("mul", e.as<Mul>());
    case NodeKind::Div: return binary("div", e.as<Div>());
    case NodeKind::Mod: return binary("mod", e.as<Mod>());
    case NodeKind::Min: return binary("min", e.as<Min>());
    case NodeKind::Max: return binary("max", e.as<Max>());
    case NodeKind::EQ: return binary("equal", e.as<EQ>());
    case NodeKind::NE: return binary("not_equal", e.as<NE>());
    case NodeKind::LT: return binary("less", e.as<LT>());
    case NodeKind::LE: return binary("less_equal", e.as<LE>());
    case NodeKind::GT: return binary("greater", e.as<GT>());
    case NodeKind::GE: return binary("greater_equal", e.as<GE>());
    case NodeKind::And: return binary("logical_and", e.as<And>());
    case NodeKind::Or: return binary("logical_or", e.as<Or>());
    case NodeKind::Not: return operation("logical_not", e, {e.as<Not>()->a});
    case NodeKind::Select: {
        const Select &n = *e.as<Select>();
        return operation("select", e, {n.condition, n.true_value, n.false_value});
    }
    case NodeKind::Let: return let(*e.as<Let>());
    case NodeKind::Load: return load(*e.as<Load>());
    case NodeKind::Ramp: return operation("ramp", e, {e.as<Ramp>()->base, e.as<Ramp>()->stride});
    case NodeKind::Broadcast: return operation("broadcast", e, {e.as<Broadcast>()->value});
    case NodeKind::Shuffle: {
        const Shuffle &n = *e.as<Shuffle>();
        return define(e.type(), dialect_.shuffle(e.type(), operands(n.vectors), n.indices));
    }
    case NodeKind::VectorReduce: {
        const VectorReduce &n = *e.as<VectorReduce>();
        return operation((std::string("reduce_") + to_string(n.op)).c_str(), e, {n.value});
    }
    case NodeKind::Call: return call(*e.as<Call>());
    case NodeKind::IntImm:
    case NodeKind::UIntImm:
    case NodeKind::FloatImm:
    case NodeKind::StringImm:
    case NodeKind::Variable: return value(e);
    case NodeKind::Access:
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        break;
    }
    HEDDLE_ASSERT(false, to_string(e.get()->kind), " is no expression of level flat");
    return {};
}

std::string CPrinter::let(const Let &n) {
    const std::string v = value(n.value);
    ScopedBinding<Binding> binding(body_.scope, n.symbol, {v, n.value.type(), is_text(n.value)});
    // What was computed under this binding is not what the same node means under another.
    const size_t before = shared_order_.size();
    std::string result = value(n.body);
    for (; shared_order_.size() > before; shared_order_.pop_back()) shared_.erase(shared_order_.back());
    return result;
}

namespace {

// The index of the first lane, if the lanes are consecutive.
const Ramp *as_dense(const Expr &index) {
    const Ramp *r = index.as<Ramp>();
    return r && r->base.type().is_scalar() && is_const(r->stride, 1) ? r : nullptr;
}

}  // namespace

std::string CPrinter::load(const Load &n) {
    MemoryAccess m{lookup(n.buffer).name, n.type, {}, false, {}};
    const bool all = is_const_true(n.predicate);
    const Ramp *dense = all ? as_dense(n.index) : nullptr;
    m.dense = dense != nullptr;
    m.index = value(dense ? dense->base : n.index);
    if (!all) m.predicate = value(n.predicate);
    return define(n.type, dialect_.load(m));
}

// --- calls

std::string CPrinter::call(const Call &c) {
    if (const Expr expanded = expand_call(c); expanded.defined()) {
        kept_.push_back(expanded);
        return value(expanded);
    }
    if (c.op >= CallOp::bitwise_and && c.op <= CallOp::fma) {
        return define(c.type, dialect_.operation(to_string(c.op), c.type, operands(c.args)));
    }
    switch (c.op) {
    case CallOp::strict_float:
    case CallOp::nontemporal:
    case CallOp::likely:
    case CallOp::likely_if_innermost:
    case CallOp::promise_clamped:
    case CallOp::unsafe_promise_clamped:
    case CallOp::memoize_tag: return value(c.args[0]);
    case CallOp::if_then_else: return if_then_else(c);
    case CallOp::return_second: value(c.args[0]); return value(c.args[1]);
    case CallOp::require: return require(c);
    case CallOp::undef:
    case CallOp::unreachable: return define(c.type, dialect_.zero(c.type));
    case CallOp::target_has_feature:
    case CallOp::target_arch_is:
    case CallOp::target_os_is:
    case CallOp::target_bits:
    case CallOp::target_natural_vector_bytes: return target_query(c);
    default: return host_call(c);
    }
}

std::string CPrinter::if_then_else(const Call &c) {
    const bool has_else = c.args.size() > 2;
    if (c.args[0].type().is_vector()) {
        // Lanes choose for themselves; both sides are evaluated.
        if (!has_else) {
            value(c.args[0]);
            return value(c.args[1]);
        }
        return define(c.type, dialect_.operation("select", c.type, operands(c.args)));
    }
    const std::string condition = value(c.args[0]), name = fresh("t");
    line(dialect_.type(c.type) + (dialect_.type(c.type).back() == '*' ? "" : " ") + name + " = " + dialect_.zero(c.type) + ";");
    open("if (" + condition + ") {");
    line(name + " = " + value(c.args[1]) + ";");
    if (has_else) {
        close("} else {");
        indent_++;
        line(name + " = " + value(c.args[2]) + ";");
    }
    close();
    return name;
}

std::string CPrinter::require(const Call &c) {
    const Operand condition = operand(c.args[0]);
    open("if (!" + (condition.type.is_vector() ? dialect_.operation("all", Bool(), {condition}) : condition.text) + ") {");
    leave(c.args[2]);
    close();
    return value(c.args[1]);
}

std::string CPrinter::target_query(const Call &c) {
    int64_t number = 0;
    HEDDLE_ASSERT(c.args.empty() || as_const_int(c.args[0], &number), to_string(c.op), " of something not constant");
    const auto truth = [&](bool b) { return dialect_.unsigned_integer(Bool(), b); };
    switch (c.op) {
    case CallOp::target_has_feature: return truth(target_.has_feature(static_cast<Target::Feature>(number)));
    case CallOp::target_arch_is: return truth(target_.arch == static_cast<Target::Arch>(number));
    case CallOp::target_os_is: return truth(target_.os == static_cast<Target::OS>(number));
    case CallOp::target_bits: return dialect_.integer(Int(32), target_.bits);
    default: return dialect_.integer(Int(32), target_.natural_vector_size(UInt(8)));
    }
}

std::string CPrinter::host_call(const Call &c) {
    HEDDLE_ASSERT(false, to_string(c.op), " is no call of a kernel");
    return {};
}
void CPrinter::assertion(const Assert &) {
    HEDDLE_ASSERT(false, "an assertion in a kernel");
}
void CPrinter::parallel_loop(const For &n) {
    HEDDLE_ASSERT(false, "a parallel loop in a kernel: ", n.loop.name());
}
void CPrinter::run_tasks(const Stmt &) {
    HEDDLE_ASSERT(false, "tasks in a kernel");
}
void CPrinter::heap_allocation(const Allocate &n) {
    HEDDLE_ASSERT(false, "an allocation on the heap in a kernel: ", n.buffer.name());
}
void CPrinter::view(const View &n) {
    HEDDLE_ASSERT(false, "memory of the runtime in a kernel: ", n.buffer.name());
}
void CPrinter::leave(const Expr &) {
    HEDDLE_ASSERT(false, "a kernel that ends early");
}

// --- statements

namespace {

// A name as part of a line comment.
std::string comment_text(std::string s) {
    for (char &c : s) {
        if (c < ' ' || c > '~' || c == '\\') c = '?';
    }
    return s;
}

}  // namespace

// Prepares for the values of one statement.
void CPrinter::region(const ExprList &roots) {
    shared_.clear();
    shared_order_.clear();
    kept_.clear();
    sharing_ = true;
    for (const Expr &e : roots) {
        walk_graph(e, [&](const Call &c) { sharing_ = sharing_ && is_pure(c.op); });
    }
}

void CPrinter::stmt(const Stmt &s) {
    switch (s.get()->kind) {
    case NodeKind::LetStmt: {
        const LetStmt &n = *s.as<LetStmt>();
        region({n.value});
        const std::string name = define(n.value.type(), value(n.value), n.symbol.name());
        ScopedBinding<Binding> binding(body_.scope, n.symbol, {name, n.value.type(), is_text(n.value)});
        return stmt(n.body);
    }
    case NodeKind::Assert: {
        const Assert &n = *s.as<Assert>();
        region({n.condition, n.message});
        return assertion(n);
    }
    case NodeKind::ProducerConsumer: {
        const ProducerConsumer &n = *s.as<ProducerConsumer>();
        line(std::string("// ") + (n.is_producer ? "produce " : "consume ") + comment_text(n.buffer.name()));
        return stmt(n.body);
    }
    case NodeKind::Atomic: return atomic(*s.as<Atomic>());
    case NodeKind::For: return loop(*s.as<For>());
    case NodeKind::Store: return store(*s.as<Store>());
    case NodeKind::Allocate: return allocate(*s.as<Allocate>());
    case NodeKind::Block:
        for (const Stmt &child : s.as<heddle::Internal::Block>()->stmts) stmt(child);
        return;
    case NodeKind::If: return branch(*s.as<If>());
    case NodeKind::Fork:
    case NodeKind::Acquire: return run_tasks(s);
    case NodeKind::Evaluate: {
        const Expr &e = s.as<Evaluate>()->value;
        region({e});
        const std::string result = value(e);
        // A variable that branches set, and that nobody reads.
        if (const Call *c = e.as<Call>(); c && c->op == CallOp::if_then_else) line("(void)" + result + ";");
        return;
    }
    case NodeKind::View: return view(*s.as<View>());
    case NodeKind::Write:
    case NodeKind::Realize:
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        break;
    }
    HEDDLE_ASSERT(false, to_string(s.get()->kind), " is no statement of level flat");
}

void CPrinter::loop(const For &n) {
    region({n.min, n.extent});
    if (n.for_type == ForType::Parallel) return parallel_loop(n);
    if (is_gpu(n.for_type)) no_device_code(n);
    HEDDLE_ASSERT(n.for_type == ForType::Serial, "a ", to_string(n.for_type), " loop reached code generation: ", n.loop.name());
    const Operand min = operand(n.min), extent = operand(n.extent);
    const Type t = n.min.type();
    const std::string name = fresh(n.loop.name());
    const std::string end = define(t, dialect_.operation("add", t, {min, extent}), name + "_end");
    open("for (" + dialect_.type(t) + " " + name + " = " + min.text + "; " + name + " < " + end + "; " + name + "++) {");
    {
        ScopedBinding<Binding> binding(body_.scope, n.loop, {name, t});
        stmt(n.body);
    }
    close();
}

void CPrinter::store(const Store &n) {
    region({n.predicate, n.value, n.index});
    const Broadcast *uniform = n.predicate.as<Broadcast>();
    const Expr one = uniform ? uniform->value : n.predicate;
    if (is_const_true(n.predicate) || one.type().is_vector()) return store_values(n, is_const_true(n.predicate));
    // All lanes or none.
    open("if (" + value(one) + ") {");
    store_values(n, true);
    close();
}

void CPrinter::store_values(const Store &n, bool all_lanes) {
    MemoryAccess m{lookup(n.buffer).name, n.value.type(), {}, false, {}};
    const std::string v = value(n.value);
    const Ramp *dense = all_lanes ? as_dense(n.index) : nullptr;
    m.dense = dense != nullptr;
    m.index = value(dense ? dense->base : n.index);
    if (!all_lanes) m.predicate = value(n.predicate);
    line(dialect_.store(m, v) + ";");
}

void CPrinter::atomic(const Atomic &n) {
    if (!n.shared) return stmt(n.body);
    const AtomicUpdate u = atomic_update(n);
    const Type t = u.value.type();
    region({u.index});
    const std::string index = value(u.index), base = lookup(u.buffer).name;
    const std::string old = fresh(u.old.name());
    open(dialect_.atomic_update(base, t, index, old) + " {");
    {
        ScopedBinding<Binding> binding(body_.scope, u.old, {old, t});
        region({u.value});
        line("return " + value(u.value) + ";");
    }
    close("});");
}

bool is_stack_allocation(const Allocate &n, int64_t *elements) {
    // What Auto puts on the stack, and the most that a stack is asked for at all.
    constexpr int64_t small = 16 * 1024, most = 1 << 20;
    int64_t count = 1, bytes = 0;
    for (const Expr &e : n.extents) {
        int64_t extent = 0;
        if (!as_const_int(e, &extent) || __builtin_mul_overflow(count, std::max<int64_t>(extent, 0), &count)) return false;
    }
    if (__builtin_mul_overflow(count, int64_t{n.type.bytes()} * n.type.lanes(), &bytes)) return false;
    *elements = std::max<int64_t>(count, 1);
    if (n.memory == MemoryType::Stack || n.memory == MemoryType::Register) return bytes <= most;
    return n.memory == MemoryType::Auto && bytes <= small;
}

void CPrinter::allocate(const Allocate &n) {
    ExprList roots = n.extents;
    roots.push_back(n.condition);
    region(roots);
    int64_t elements = 0;
    if (!is_stack_allocation(n, &elements)) return heap_allocation(n);
    std::string name = fresh(n.buffer.name());
    for (const std::string &text : dialect_.local_array(name, n.type, elements)) line(text);
    if (!is_const_true(n.condition)) {
        const Type t = heddle::Handle();
        name = define(t, dialect_.operation("select", t, {operand(n.condition), {name, t}, {dialect_.zero(t), t}}), name);
    }
    ScopedBinding<Binding> binding(body_.scope, n.buffer, {name, heddle::Handle()});
    stmt(n.body);
}

void CPrinter::branch(const If &n) {
    region({n.condition});
    open("if (" + value(n.condition) + ") {");
    stmt(n.then_case);
    if (n.else_case.defined()) {
        close("} else {");
        indent_++;
        stmt(n.else_case);
    }
    close();
}

}  // namespace heddle::Internal
