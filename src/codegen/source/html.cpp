#include "codegen/source/html.h"

#include <unordered_map>
#include <unordered_set>

#include "ir/print.h"

namespace heddle::Internal {

namespace {

std::string escaped(const std::string &text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '&': out += "&amp;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default:
            // What no document may contain.
            if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') {
                out += "?";
            } else {
                out += c;
            }
        }
    }
    return out;
}

std::string span(const char *style, const std::string &text) {
    return std::string("<span class=\"") + style + "\">" + escaped(text) + "</span>";
}
std::string keyword(const std::string &text) {
    return span("k", text);
}

// How tightly an operator binds; an operand that binds less stands in parentheses.
enum Precedence { lowest, or_level, and_level, equality, order, sum, product, unary, primary };

std::string types_text(const Types &types) {
    if (types.size() == 1) return to_string(types[0]);
    std::string text;
    for (const Type &t : types) text += (text.empty() ? "(" : ", ") + to_string(t);
    return text + ")";
}

class HtmlPrinter {
public:
    std::string take() {
        return std::move(out_);
    }
    void stmt(const Stmt &s);
    std::string expr(const Expr &e, int least = lowest);
    /** A symbol where it is bound or used. */
    std::string symbol(const Symbol &s, const char *style, const std::string &title = {});

private:
    std::string text_of(const Expr &e, int least);
    std::string infix(const char *op, int level, const Expr &a, const Expr &b, int least);
    std::string list(const ExprList &args);
    std::string ranges(const Ranges &bounds);
    std::string predicate(const Expr &e);
    std::string call(const Call &c);

    void line(const std::string &html) {
        out_ += "<div class=\"l\">" + html + "</div>\n";
    }
    void open(const std::string &html, const std::string &style = "block") {
        out_ += "<details open=\"open\" class=\"" + style + "\"><summary>" + html + "</summary>\n";
    }
    void close() {
        out_ += "</details>\n";
    }
    void block(const std::string &html, const Stmt &body, const std::string &style = "block") {
        open(html, style);
        stmt(body);
        close();
    }
    void branch(const If &n);
    void loop(const For &n);
    void realize(const Realize &n);
    void view(const View &n);
    void allocate(const Allocate &n);

    std::string out_;
    std::unordered_map<uint64_t, std::string> names_;
    std::unordered_set<std::string> taken_;
};

std::string HtmlPrinter::symbol(const Symbol &s, const char *style, const std::string &title) {
    auto [it, added] = names_.try_emplace(s.id());
    if (added) {
        it->second = s.name();
        for (int n = 1; !taken_.insert(it->second).second; n++) it->second = s.name() + "." + std::to_string(n);
    }
    const std::string hover = title.empty() ? "" : " title=\"" + escaped(title) + "\"";
    return std::string("<span class=\"") + style + "\" data-s=\"" + std::to_string(s.id()) + "\"" + hover + ">" + escaped(it->second) + "</span>";
}

// --- expressions

std::string HtmlPrinter::expr(const Expr &e, int least) {
    if (!e.defined()) return span("k", "undefined");
    if (const Variable *v = e.as<Variable>()) return symbol(v->symbol, "v", to_string(e.type()));
    return "<span title=\"" + escaped(to_string(e.type())) + "\">" + text_of(e, least) + "</span>";
}

std::string HtmlPrinter::infix(const char *op, int level, const Expr &a, const Expr &b, int least) {
    const std::string text = expr(a, level) + " " + escaped(op) + " " + expr(b, level + 1);
    return level < least ? "(" + text + ")" : text;
}

std::string HtmlPrinter::list(const ExprList &args) {
    std::string out;
    for (const Expr &e : args) out += (out.empty() ? "" : ", ") + expr(e);
    return out;
}

std::string HtmlPrinter::predicate(const Expr &e) {
    return !e.defined() || is_const_true(e) ? "" : " " + keyword("if") + " " + expr(e);
}

std::string HtmlPrinter::call(const Call &c) {
    const std::string name = c.name.empty() ? span("f", to_string(c.op)) : span("f", c.name);
    return name + "(" + list(c.args) + ")";
}

std::string HtmlPrinter::text_of(const Expr &e, int least) {
    const auto binary = [&](const char *op, int level, const auto *n) { return infix(op, level, n->a, n->b, least); };
    const auto function = [&](const std::string &name, const ExprList &args) { return span("f", name) + "(" + list(args) + ")"; };
    switch (e.get()->kind) {
    case NodeKind::IntImm: return span("n", std::to_string(e.as<IntImm>()->value));
    case NodeKind::UIntImm:
        if (e.type().is_bool()) return span("n", e.as<UIntImm>()->value ? "true" : "false");
        return span("n", std::to_string(e.as<UIntImm>()->value));
    case NodeKind::FloatImm: return span("n", float_text(e.as<FloatImm>()->value, e.type()));
    case NodeKind::StringImm: return span("s", quoted(e.as<StringImm>()->value));
    case NodeKind::Cast: return function(to_string(e.type()), {e.as<Cast>()->value});
    case NodeKind::Reinterpret: return function("reinterpret<" + to_string(e.type()) + ">", {e.as<Reinterpret>()->value});
    case NodeKind::Add: return binary("+", sum, e.as<Add>());
    case NodeKind::Sub: return binary("-", sum, e.as<Sub>());
    case NodeKind::Mul: return binary("*", product, e.as<Mul>());
    case NodeKind::Div: return binary("/", product, e.as<Div>());
    case NodeKind::Mod: return binary("%", product, e.as<Mod>());
    case NodeKind::Min: return function("min", {e.as<Min>()->a, e.as<Min>()->b});
    case NodeKind::Max: return function("max", {e.as<Max>()->a, e.as<Max>()->b});
    case NodeKind::EQ: return binary("==", equality, e.as<EQ>());
    case NodeKind::NE: return binary("!=", equality, e.as<NE>());
    case NodeKind::LT: return binary("<", order, e.as<LT>());
    case NodeKind::LE: return binary("<=", order, e.as<LE>());
    case NodeKind::GT: return binary(">", order, e.as<GT>());
    case NodeKind::GE: return binary(">=", order, e.as<GE>());
    case NodeKind::And: return binary("&&", and_level, e.as<And>());
    case NodeKind::Or: return binary("||", or_level, e.as<Or>());
    case NodeKind::Not: return "!" + expr(e.as<Not>()->a, unary);
    case NodeKind::Select: return function("select", {e.as<Select>()->condition, e.as<Select>()->true_value, e.as<Select>()->false_value});
    case NodeKind::Variable: return expr(e);
    case NodeKind::Let: {
        const Let &n = *e.as<Let>();
        const std::string bound = symbol(n.symbol, "v", to_string(n.value.type())) + " = " + expr(n.value);
        return "(" + keyword("let") + " " + bound + " " + keyword("in") + " " + expr(n.body) + ")";
    }
    case NodeKind::Access: {
        const Access &n = *e.as<Access>();
        return symbol(n.buffer, "b") + (n.value_index ? "#" + std::to_string(n.value_index) : "") + "(" + list(n.args) + ")";
    }
    case NodeKind::Load: {
        const Load &n = *e.as<Load>();
        return symbol(n.buffer, "b") + "[" + expr(n.index) + predicate(n.predicate) + "]";
    }
    case NodeKind::Ramp: {
        const Ramp &n = *e.as<Ramp>();
        return span("f", "ramp") + "(" + expr(n.base) + ", " + expr(n.stride) + ", " + std::to_string(n.lanes) + ")";
    }
    case NodeKind::Broadcast: return span("f", "broadcast") + "(" + expr(e.as<Broadcast>()->value) + ", " + std::to_string(e.as<Broadcast>()->lanes) + ")";
    case NodeKind::Shuffle: {
        const Shuffle &n = *e.as<Shuffle>();
        std::string picks;
        for (const int i : n.indices) picks += (picks.empty() ? "" : ", ") + std::to_string(i);
        return span("f", "shuffle") + "([" + list(n.vectors) + "], [" + picks + "])";
    }
    case NodeKind::VectorReduce: {
        const VectorReduce &n = *e.as<VectorReduce>();
        return span("f", "vector_reduce") + "(" + to_string(n.op) + ", " + expr(n.value) + ", " + std::to_string(e.type().lanes()) + ")";
    }
    case NodeKind::Call: return call(*e.as<Call>());
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        break;
    }
    HEDDLE_ASSERT(false, "a statement where an expression is needed");
    return {};
}

// --- statements

std::string HtmlPrinter::ranges(const Ranges &bounds) {
    std::string out;
    for (const Range &r : bounds) out += (out.empty() ? "[" : ", [") + expr(r.min) + ", +" + expr(r.extent) + ")";
    return out;
}

void HtmlPrinter::stmt(const Stmt &s) {
    switch (s.get()->kind) {
    case NodeKind::LetStmt: {
        const LetStmt &n = *s.as<LetStmt>();
        line(keyword("let") + " " + symbol(n.symbol, "v", to_string(n.value.type())) + " = " + expr(n.value));
        return stmt(n.body);
    }
    case NodeKind::Assert: {
        const Assert &n = *s.as<Assert>();
        return line(keyword("assert") + " " + expr(n.condition) + " " + keyword("else") + " " + expr(n.message));
    }
    case NodeKind::ProducerConsumer: {
        const ProducerConsumer &n = *s.as<ProducerConsumer>();
        return block(keyword(n.is_producer ? "produce" : "consume") + " " + symbol(n.buffer, "b"), n.body, n.is_producer ? "produce" : "consume");
    }
    case NodeKind::Atomic: return block(keyword(s.as<Atomic>()->shared ? "atomic shared" : "atomic"), s.as<Atomic>()->body, "atomic");
    case NodeKind::For: return loop(*s.as<For>());
    case NodeKind::Write: {
        const Write &n = *s.as<Write>();
        const std::string values = n.values.size() == 1 ? expr(n.values[0]) : "{ " + list(n.values) + " }";
        return line(symbol(n.buffer, "b") + "(" + list(n.args) + predicate(n.predicate) + ") = " + values);
    }
    case NodeKind::Store: {
        const Store &n = *s.as<Store>();
        return line(symbol(n.buffer, "b") + "[" + expr(n.index) + predicate(n.predicate) + "] = " + expr(n.value));
    }
    case NodeKind::Realize: return realize(*s.as<Realize>());
    case NodeKind::View: return view(*s.as<View>());
    case NodeKind::Allocate: return allocate(*s.as<Allocate>());
    case NodeKind::Block:
        for (const Stmt &child : s.as<heddle::Internal::Block>()->stmts) stmt(child);
        return;
    case NodeKind::If: return branch(*s.as<If>());
    case NodeKind::Fork:
        for (const Stmt &task : s.as<Fork>()->tasks) block(keyword("task"), task, "fork");
        return;
    case NodeKind::Acquire: {
        const Acquire &n = *s.as<Acquire>();
        return block(keyword("acquire") + " " + expr(n.semaphore) + ", " + expr(n.count), n.body, "acquire");
    }
    case NodeKind::Evaluate: return line(expr(s.as<Evaluate>()->value));
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        break;
    }
    HEDDLE_ASSERT(false, "an expression where a statement is needed");
}

void HtmlPrinter::loop(const For &n) {
    const bool serial = n.for_type == ForType::Serial;
    std::string head = keyword(serial ? "for" : to_string(n.for_type)) + " " + symbol(n.loop, "v", to_string(n.min.type())) + " " + keyword("in") +
                       " [" + expr(n.min) + ", +" + expr(n.extent) + ")";
    if (n.partition != Partition::Auto) head += " " + keyword(n.partition == Partition::Never ? "never_partition" : "always_partition");
    block(head, n.body, std::string("loop ") + to_string(n.for_type));
}

void HtmlPrinter::branch(const If &n) {
    block(keyword("if") + " " + expr(n.condition), n.then_case);
    Stmt rest = n.else_case;
    while (rest.defined()) {
        const If *next = rest.as<If>();
        if (!next) return block(keyword("else"), rest);
        block(keyword("else if") + " " + expr(next->condition), next->then_case);
        rest = Stmt(next->else_case);
    }
}

void HtmlPrinter::realize(const Realize &n) {
    std::string head = keyword("realize") + " " + symbol(n.buffer, "b") + ": " + span("t", types_text(n.types)) + " " + keyword("over") + " " + ranges(n.bounds);
    if (n.memory != MemoryType::Auto) head += " @" + span("t", to_string(n.memory));
    block(head + predicate(n.condition), n.body, "memory");
}

void HtmlPrinter::view(const View &n) {
    std::string dims;
    for (size_t d = 0; d < n.bounds.size(); d++) {
        dims += (d ? ", [" : "[") + expr(n.bounds[d].min) + ", +" + expr(n.bounds[d].extent) + ") " + keyword("step") + " " + expr(n.strides[d]);
    }
    line(keyword("view") + " " + symbol(n.buffer, "b") + ": " + span("t", types_text(n.types)) + " " + keyword("over") + " " + dims);
    stmt(n.body);
}

void HtmlPrinter::allocate(const Allocate &n) {
    std::string head = keyword("allocate") + " " + symbol(n.buffer, "b") + ": " + span("t", to_string(n.type)) + "[" + list(n.extents) +
                       predicate(n.condition) + "]";
    if (n.memory != MemoryType::Auto) head += " @" + span("t", to_string(n.memory));
    block(head, n.body, "memory");
}

// --- the page

constexpr const char *style = R"css(
body { background: #fff; color: #24292f; margin: 1.5em; font: 14px/1.5 ui-monospace, Menlo, Consolas, monospace; }
h1 { font: 600 20px sans-serif; } h2 { font: 600 16px sans-serif; }
details > :not(summary) { margin-left: 1.5em; }
summary { cursor: pointer; } summary:hover, .l:hover { background: #f3f4f6; }
.l { padding-left: 1em; }
details { border-left: 2px solid #e5e7eb; padding-left: 2px; }
.loop { border-color: #9ca3af; } .parallel { border-color: #d97706; background: #fffbeb; }
.vectorized { border-color: #7c3aed; background: #f5f3ff; } .unrolled { border-color: #0891b2; background: #ecfeff; }
.gpu_block, .gpu_thread, .gpu_lane { border-color: #16a34a; background: #f0fdf4; }
.produce { border-color: #2563eb; } .consume { border-color: #93c5fd; } .memory { border-color: #db2777; }
.k { color: #cf222e; } .v { color: #24292f; } .b { color: #953800; font-weight: 600; } .f { color: #8250df; }
.n { color: #0550ae; } .s { color: #0a3069; } .t { color: #116329; } .same { background: #fde68a; }
)css";

// Marks every use of the symbol under the pointer; folds and unfolds all blocks.
constexpr const char *script = R"js(
function mark(on) {
  return function (event) {
    var id = event.target.getAttribute('data-s');
    if (id) document.querySelectorAll('[data-s="' + id + '"]').forEach(function (e) { e.classList.toggle('same', on); });
  };
}
document.addEventListener('mouseover', mark(true));
document.addEventListener('mouseout', mark(false));
function fold(open) { document.querySelectorAll('details').forEach(function (e) { e.open = open; }); }
)js";

std::string page(const std::string &title, const std::string &body) {
    return "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>" +
           escaped(title) + "</title>\n<style>" + style + "</style>\n<script>" + script + "</script>\n</head>\n<body>\n<h1>" + escaped(title) +
           "</h1>\n<p><button onclick=\"fold(true)\">unfold all</button> <button onclick=\"fold(false)\">fold all</button></p>\n" + body +
           "</body>\n</html>\n";
}

std::string function_html(const LoweredFunction &f) {
    HtmlPrinter printer;
    std::string args;
    for (const LoweredArgument &a : f.args) {
        const std::string type = a.argument.is_buffer() ? "buffer<" + to_string(a.argument.type) + ", " + std::to_string(int{a.argument.dimensions}) + ">"
                                                        : to_string(a.argument.type);
        args += (args.empty() ? "" : ", ") + printer.symbol(a.symbol, "v", type) + ": " + span("t", type);
    }
    printer.stmt(f.body);
    return "<h2>" + escaped(f.name) + "(" + args + ")</h2>\n" + printer.take();
}

}  // namespace

std::string to_html(const Stmt &s, const std::string &title) {
    HtmlPrinter printer;
    printer.stmt(s);
    return page(title, printer.take());
}

std::string to_html(const LoweredFunction &f, const std::string &title) {
    return page(title, function_html(f));
}

std::string to_html(const Module &m) {
    std::string body;
    for (const LoweredFunction &f : m.functions) body += function_html(f);
    return page(m.name + " for " + m.target.to_string(), body);
}

}  // namespace heddle::Internal
