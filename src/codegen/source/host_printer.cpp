#include "codegen/source/host_printer.h"

#include <algorithm>
#include <utility>

#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

// As C passes and stores it: 16-bit floats are their bits.
std::string abi_type(const CxxDialect &cxx, Type t) {
    if (t.is_float() && t.bits() == 16) return "uint16_t";
    return cxx.type(t);
}

std::string spaced(std::string type) {
    if (type.back() != '*') type += ' ';
    return type;
}

// A halide_buffer_t called name, with its contents.
std::string embedded_buffer(const EmbeddedBuffer &e, const std::string &name) {
    const halide_type_t t = e.type;
    std::string out = "alignas(64) static uint8_t " + name + "_host[] = {";
    for (size_t i = 0; i < e.bytes.size(); i++) out += (i % 32 ? "" : "\n    ") + std::to_string(int{e.bytes[i]}) + ",";
    out += (e.bytes.empty() ? "0" : "\n") + std::string("};\n");
    std::string shape = "nullptr";
    if (!e.dims.empty()) {
        shape = name + "_dim";
        out += "static halide_dimension_t " + shape + "[] = {";
        for (const halide_dimension_t &d : e.dims) {
            out += "{" + std::to_string(d.min) + ", " + std::to_string(d.extent) + ", " + std::to_string(d.stride) + "}, ";
        }
        out += "};\n";
    }
    return out + "static halide_buffer_t " + name + " = {0, nullptr, " + name + "_host, 0, halide_type_t(static_cast<halide_type_code_t>(" +
           std::to_string(int{t.code}) + "), " + std::to_string(int{t.bits}) + "), " + std::to_string(e.dims.size()) + ", " + shape + ", nullptr};\n\n";
}

}  // namespace

std::string c_prototype(const LoweredFunction &f) {
    const CxxDialect cxx;
    std::string args;
    for (const LoweredArgument &a : f.args) {
        args += (args.empty() ? "" : ", ") + (a.argument.is_buffer() ? "halide_buffer_t *" : abi_type(cxx, a.argument.type));
    }
    return "extern \"C\" int " + f.name + "(" + args + ");\n";
}

void HostPrinter::slot(const std::string &declaration) {
    body_.slots += "    " + declaration + "\n";
}

void HostPrinter::function(const LoweredFunction &f) {
    body_ = Body();
    indent_ = 1;
    body_.names = {"task_parent"};
    kernel_ = f.name;
    std::string context = "nullptr", parameters;
    for (const auto &[argument, symbol] : f.args) {
        const Type t = argument.is_buffer() ? heddle::Handle() : argument.type;
        const std::string name = fresh(symbol.name());
        parameters += (parameters.empty() ? "" : ", ") + std::string("[[maybe_unused]] ");
        parameters += (argument.is_buffer() ? "halide_buffer_t *" : spaced(abi_type(cxx_, t))) + name;
        if (argument.name == "__user_context") context = name;
        std::string v = name;
        if (abi_type(cxx_, t) != cxx_.type(t)) v = define(t, cxx_.operation("reinterpret", t, {{name, UInt(16)}}), symbol.name());
        body_.scope.push(symbol, {v, t});
    }
    std::string data;
    for (const EmbeddedBuffer &e : f.embedded) {
        const std::string name = f.name + "_embedded_" + std::to_string(&e - f.embedded.data());
        data += embedded_buffer(e, name);
        const std::string pointer = fresh(e.symbol.name());
        line("halide_buffer_t *" + pointer + " = &" + name + ";");
        body_.scope.push(e.symbol, {pointer, heddle::Handle()});
    }
    line("[[maybe_unused]] void *const user_context = " + context + ";");
    line("[[maybe_unused]] void *const task_parent = nullptr;");
    stmt(f.body);
    line("return 0;");
    functions_ += data + "extern \"C\" int " + f.name + "(" + parameters + ") {\n" + body_.slots + body_.text + "}\n\n";
}

// --- ways out

void HostPrinter::leave(const Expr &code) {
    const std::string v = value(code);
    line("return " + v + ";");
}

void HostPrinter::assertion(const Assert &n) {
    open("if (!" + value(n.condition) + ") {");
    leave(n.message);
    close();
}

void HostPrinter::heap_allocation(const Allocate &n) {
    const std::string condition = value(n.condition), name = fresh(n.buffer.name());
    const std::string total = name + "_bytes", most = std::to_string(target_.maximum_buffer_size()), memory = name + "_memory";
    body_.names.insert({total, memory});
    std::string extents;
    for (const Expr &e : n.extents) extents += ", " + value(e);
    line("uint64_t " + total + " = " + std::to_string(n.type.bytes() * n.type.lanes()) + ";");
    open("if (!heddle_c::total_bytes(" + total + ", " + most + "u" + extents + ") && " + condition + ") {");
    line("return halide_error_buffer_allocation_too_large(user_context, " + CxxDialect::quoted(n.buffer.name()) + ", " + total +
         ", " + most + "u);");
    close();
    // Freed where the scope of the body is left.
    open("{");
    line("const heddle_c::Allocation " + memory + "(user_context, " + condition + ", " + total + ");");
    line("if (" + condition + " && !" + memory + ".pointer) return halide_error_out_of_memory(user_context);");
    line(dialect_.constant_declaration(heddle::Handle(), name, memory + ".pointer"));
    {
        ScopedBinding<Binding> binding(body_.scope, n.buffer, {name, heddle::Handle()});
        stmt(n.body);
    }
    close();
}

void HostPrinter::view(const View &n) {
    open("{");
    const std::string held = fresh(n.buffer.name() + "_held");
    line("const heddle_c::Held<" + call_alias(n.release, Int(32), {heddle::Handle(), heddle::Handle()}) + "> " + held + "(user_context, " +
         lookup(n.buffer).name + ");");
    stmt(n.body);
    close();
}

// --- parallel loops and tasks: the body is a function; what it uses from outside travels in a struct

template<typename Signature, typename Prologue>
HostPrinter::Closure HostPrinter::task_function(const Stmt &body, const Symbol &loop, const std::string &what,
                                                const Signature &signature, const Prologue &prologue) {
    Closure closure{std::to_string(++tasks_), ""};
    const std::string type = "heddle_closure_" + closure.id;
    struct Captured {
        Symbol symbol;
        Binding outer, inner;
    };
    std::vector<Captured> captured;
    for (const auto &[symbol, symbol_type] : free_symbols(body)) {
        static_cast<void>(symbol_type);
        if (!loop.defined() || !(symbol == loop)) captured.push_back({symbol, lookup(symbol), {}});
    }

    Body outer = std::exchange(body_, Body());
    const int indent = std::exchange(indent_, 1);
    body_.names = {"closure", "closure_bytes", "task_index", "task_min", "task_extent", "task_parent"};
    std::string fields;
    for (Captured &c : captured) {
        c.inner = {fresh(c.symbol.name()), c.outer.type, c.outer.is_text};
        fields += "    " + spaced(dialect_.type(c.outer.type)) + c.inner.name + ";\n";
        closure.values += (closure.values.empty() ? "" : ", ") + c.outer.name;
        line(dialect_.constant_declaration(c.inner.type, c.inner.name, "static_cast<const " + type + " *>(closure)->" + c.inner.name));
        body_.scope.push(c.symbol, c.inner);
    }
    prologue();
    stmt(body);
    while (indent_ > 1) close();
    line("return 0;");
    functions_ += "// " + what + " in " + kernel_ + ".\n";
    functions_ += "struct " + type + " {\n" + fields + "};\n";
    functions_ += "static int " + signature("heddle_task_" + closure.id) + " {\n" +
                  "    [[maybe_unused]] const void *const closure = closure_bytes;\n" + body_.slots + body_.text + "}\n\n";
    body_ = std::move(outer);
    indent_ = indent;
    return closure;
}

void HostPrinter::parallel_loop(const For &n) {
    if (n.min.type().bits() > 32) return stmt(counted_in_int32(n));
    const std::string min = value(n.min), extent = value(n.extent);
    const auto signature = [](const std::string &task) {
        return task + "([[maybe_unused]] void *user_context, [[maybe_unused]] int task_index, uint8_t *closure_bytes)";
    };
    const Closure closure = task_function(n.body, n.loop, "The loop over " + n.loop.name(), signature, [&] {
        line("[[maybe_unused]] void *const task_parent = nullptr;");
        const std::string i = define(n.min.type(), dialect_.operation("cast", n.min.type(), {{"task_index", Int(32)}}), n.loop.name());
        body_.scope.push(n.loop, {i, n.min.type()});
    });
    open("{");
    line("heddle_closure_" + closure.id + " closure = {" + closure.values + "};");
    line("const int code = halide_do_par_for(user_context, heddle_task_" + closure.id + ", static_cast<int>(" + min +
         "), static_cast<int>(" + extent + "), reinterpret_cast<uint8_t *>(&closure));");
    line("if (code != 0) return code;");
    close();
}

// Declares the closure and the semaphores of a task; gives the initializer of its halide_parallel_task_t.
std::string HostPrinter::one_task(const RuntimeTask &t) {
    for (const auto &[symbol, e] : t.lets) {
        region({e});
        const std::string name = define(e.type(), value(e), symbol.name());
        body_.scope.push(symbol, {name, e.type(), is_text(e)});
    }
    const auto number = [](size_t n) { return std::to_string(n); };
    std::string needs = "nullptr", needed;
    for (const RuntimeTask::Need &need : t.semaphores) {
        region({need.semaphore, need.count});
        const std::string semaphore = value(need.semaphore);
        needed += (needed.empty() ? "" : ", ") + std::string("{static_cast<halide_semaphore_t *>(") + semaphore + "), " + value(need.count) + "}";
    }
    region({t.min, t.extent});
    const std::string min = value(t.min), extent = value(t.extent);
    const auto signature = [](const std::string &task) {
        return task + "([[maybe_unused]] void *user_context, [[maybe_unused]] int task_min, [[maybe_unused]] int task_extent, "
                      "uint8_t *closure_bytes, [[maybe_unused]] void *task_parent)";
    };
    const std::string what = t.loop.defined() ? "A task for each " + t.loop.name() : "A task";
    const Closure closure = task_function(t.body, t.loop, what, signature, [&] {
        if (!t.loop.defined()) return;
        const std::string i = fresh(t.loop.name());
        open("for (int32_t " + i + " = task_min; " + i + " < task_min + task_extent; " + i + "++) {");
        body_.scope.push(t.loop, {i, Int(32)});
    });
    for (const auto &let : t.lets) body_.scope.pop(let.first);
    const std::string bytes = fresh("closure_" + closure.id);
    line("heddle_closure_" + closure.id + " " + bytes + " = {" + closure.values + "};");
    if (!needed.empty()) {
        needs = fresh("needs_" + closure.id);
        line("halide_semaphore_acquire_t " + needs + "[] = {" + needed + "};");
    }
    return "{heddle_task_" + closure.id + ", reinterpret_cast<uint8_t *>(&" + bytes + "), " +
           CxxDialect::quoted(t.loop.defined() ? t.loop.name() : "task") + ", " + needs + ", " + number(t.semaphores.size()) + ", " +
           min + ", " + extent + ", " + std::to_string(t.min_threads) + ", " + (t.serial ? "true" : "false") + "}";
}

void HostPrinter::run_tasks(const Stmt &s) {
    open("{");
    std::string list;
    const std::vector<RuntimeTask> tasks = runtime_tasks(s);
    for (const RuntimeTask &t : tasks) list += (list.empty() ? "" : ", ") + one_task(t);
    const std::string name = fresh("tasks"), count = std::to_string(tasks.size());
    line("halide_parallel_task_t " + name + "[] = {" + list + "};");
    line("const int code = halide_do_parallel_tasks(user_context, " + count + ", " + name + ", task_parent);");
    line("if (code != 0) return code;");
    close();
}

std::string HostPrinter::semaphore_call(const Call &c) {
    if (c.op == CallOp::release_semaphore) {
        const std::string semaphore = value(c.args[0]);
        return define(c.type, "halide_semaphore_release(static_cast<halide_semaphore_t *>(" + semaphore + "), " + value(c.args[1]) + ")");
    }
    const std::string count = value(c.args[0]), name = fresh("semaphore");
    slot("halide_semaphore_t " + name + ";");
    line("halide_semaphore_init(&" + name + ", " + count + ");");
    return define(c.type, "&" + name);
}

// --- calls

std::string HostPrinter::host_call(const Call &c) {
    switch (c.op) {
    case CallOp::extern_c:
    case CallOp::pure_extern_c: return extern_call(c);
    case CallOp::stringify: return stringify(c);
    case CallOp::make_struct: return make_struct(c);
    case CallOp::null_handle: return dialect_.zero(c.type);
    case CallOp::user_context: return "user_context";
    case CallOp::address_of: return address_of(c.args[0]);
    case CallOp::trace: return trace(c);
    case CallOp::prefetch: return prefetch(c);
    case CallOp::make_semaphore:
    case CallOp::release_semaphore: return semaphore_call(c);
    case CallOp::buffer_create: return buffer_create(c);
    default: break;
    }
    HEDDLE_ASSERT(c.op >= CallOp::buffer_is_null && c.op <= CallOp::buffer_set_bounds, to_string(c.op), " has no meaning in C++");
    return buffer_call(c);
}

// The function is called by another name, which stands for the same symbol: no header's declaration of it
// can be in conflict with the types of this call.
std::string HostPrinter::call_alias(const std::string &name, Type result, const std::vector<Type> &args) {
    std::string signature;
    for (const Type t : args) signature += (signature.empty() ? "" : ", ") + abi_type(cxx_, t);
    const std::string key = name + " " + abi_type(cxx_, result) + "(" + signature + ")";
    auto [it, added] = aliases_.try_emplace(key);
    if (added) {
        std::string stem = "heddle_call_";
        for (const char ch : name) stem += std::isalnum(static_cast<unsigned char>(ch)) ? ch : '_';
        it->second = stem;
        const auto taken = [&](const std::string &s) {
            return std::any_of(aliases_.begin(), aliases_.end(), [&](const auto &a) { return a.first != key && a.second == s; });
        };
        for (int i = 2; taken(it->second); i++) it->second = stem + "_" + std::to_string(i);
        declarations_ += spaced(abi_type(cxx_, result)) + it->second + "(" + signature + ") HEDDLE_C_SYMBOL(" + CxxDialect::quoted(name) + ");\n";
    }
    return it->second;
}

std::string HostPrinter::extern_call(const Call &c) {
    std::vector<Type> types;
    std::string args;
    for (const Expr &e : c.args) {
        const Type t = e.type(), element = t.element_of();
        types.push_back(element);
        std::string v = value(e);
        if (abi_type(cxx_, element) != cxx_.type(element)) {
            const Type bits = UInt(16, t.lanes());
            v = dialect_.operation("reinterpret", bits, {{v, t}});
        }
        args += (args.empty() ? "" : ", ") + v;
    }
    const Type element = c.type.element_of();
    const std::string alias = call_alias(c.name, element, types);
    const bool as_bits = abi_type(cxx_, element) != cxx_.type(element);
    const Type direct = as_bits ? UInt(16, c.type.lanes()) : c.type;
    std::string text = alias + "(" + args + ")";
    // Vectors lane by lane.
    if (c.type.is_vector()) text = "heddle_c::map<" + cxx_.type(direct) + ">(" + alias + (args.empty() ? "" : ", ") + args + ")";
    std::string result = define(direct, text);
    return as_bits ? define(c.type, dialect_.operation("reinterpret", c.type, {{result, direct}})) : result;
}

std::string HostPrinter::buffer_call(const Call &c) {
    const std::string handle = value(c.args[0]), b = "heddle_c::buffer(" + handle + ")->";
    const auto dimension = [&](const char *field) { return define(c.type, b + "dim[" + value(c.args[1]) + "]." + field); };
    switch (c.op) {
    case CallOp::buffer_is_null: return define(c.type, handle + " == nullptr");
    case CallOp::buffer_host: return define(c.type, b + "host");
    case CallOp::buffer_device: return define(c.type, b + "device");
    case CallOp::buffer_device_interface:
        return define(c.type, "const_cast<halide_device_interface_t *>(" + b + "device_interface)");
    case CallOp::buffer_dimensions: return define(c.type, b + "dimensions");
    case CallOp::buffer_type: return define(c.type, "heddle_c::type_bits(" + b + "type)");
    case CallOp::buffer_min: return dimension("min");
    case CallOp::buffer_extent: return dimension("extent");
    case CallOp::buffer_stride: return dimension("stride");
    case CallOp::buffer_is_bounds_query: return define(c.type, b + "host == nullptr && " + b + "device == 0");
    case CallOp::buffer_host_dirty: return define(c.type, b + "host_dirty()");
    case CallOp::buffer_device_dirty: return define(c.type, b + "device_dirty()");
    case CallOp::buffer_set_host_dirty: line(b + "set_host_dirty(" + value(c.args[1]) + ");"); return "0";
    case CallOp::buffer_set_bounds: return define(c.type, "heddle_c::set_bounds(" + handle + shape_arguments(c, 1) + ")");
    default: HEDDLE_ASSERT(false, to_string(c.op), " is no call of a buffer");
    }
    return {};
}

// Arguments from `first` on, each after a comma.
std::string HostPrinter::shape_arguments(const Call &c, size_t first) {
    std::string out;
    for (size_t i = first; i < c.args.size(); i++) out += ", " + value(c.args[i]);
    return out;
}

std::string HostPrinter::buffer_create(const Call &c) {
    const size_t dimensions = (c.args.size() - 3) / 3;
    const std::string host = value(c.args[0]), name = fresh("buffer"), shape = fresh("shape");
    const std::string rest = shape_arguments(c, 1);
    slot("halide_buffer_t " + name + ";");
    slot("halide_dimension_t " + shape + "[" + std::to_string(std::max<size_t>(dimensions, 1)) + "];");
    return define(c.type, "heddle_c::make_buffer(" + name + ", " + shape + ", " + host + rest + ")");
}

std::string HostPrinter::make_struct(const Call &c) {
    if (c.args.empty()) return dialect_.zero(c.type);
    const std::vector<Operand> members = operands(c.args);
    const std::string name = fresh("members");
    std::string type = "struct {";
    for (size_t i = 0; i < members.size(); i++) type += " " + spaced(dialect_.type(members[i].type)) + "m" + std::to_string(i) + ";";
    slot(type + " } " + name + ";");
    for (size_t i = 0; i < members.size(); i++) line(name + ".m" + std::to_string(i) + " = " + members[i].text + ";");
    return define(c.type, "&" + name);
}

std::string HostPrinter::stringify(const Call &c) {
    // Room for the longest form of each part; a string that is known only at run time is cut after 1000 bytes.
    size_t room = 1;
    for (const Expr &e : c.args) {
        const StringImm *s = e.as<StringImm>();
        const Type t = e.type();
        const size_t one = s ? s->value.size() : t.is_handle() ? 1000 : t.is_float() ? 340 : 24;
        room += (one + 2) * static_cast<size_t>(t.lanes());
    }
    const std::string name = fresh("text"), at = fresh("at"), end = name + " + " + std::to_string(room);
    slot("char " + name + "[" + std::to_string(room) + "];");
    std::vector<Operand> parts = operands(c.args);
    line("char *" + at + " = " + name + ";");
    line("*" + at + " = 0;");
    for (size_t i = 0; i < parts.size(); i++) {
        line(at + " = heddle_c::" + (is_text(c.args[i]) ? "append_text(" : "append(") + at + ", " + end + ", " + parts[i].text + ");");
    }
    return define(c.type, name);
}

std::string HostPrinter::address_of(const Expr &e) {
    const Load *l = e.as<Load>();
    HEDDLE_ASSERT(l && l->type.is_scalar(), "address_of takes a scalar Load");
    return define(heddle::Handle(), dialect_.element_address(lookup(l->buffer).name, l->type, value(l->index)));
}

// (func, event code, parent id, value index, value or text, coordinates...): see intrinsics.def.
std::string HostPrinter::trace(const Call &c) {
    HEDDLE_ASSERT(c.args.size() >= 4, "trace of ", c.args.size(), " arguments");
    const std::vector<Operand> args = operands(c.args);
    const Type number = Int(32), handle = heddle::Handle();
    size_t next = 4;
    int64_t code = 0;
    Type t = Int(0, 0);
    std::string traced = "nullptr", coordinates = "nullptr", tag = "nullptr";
    if (as_const_int(c.args[1], &code) && (code == halide_trace_load || code == halide_trace_store)) {
        t = args[next].type;
        traced = fresh("traced");
        slot("unsigned char " + traced + "[" + std::to_string(t.bytes() * t.lanes()) + "];");
        line("heddle_c::store_dense(" + traced + ", 0, " + args[next++].text + ");");
    }
    if (code == halide_trace_tag) tag = args[next++].text;
    const auto lanes = static_cast<size_t>(std::max(t.lanes(), 1));
    const size_t dimensions = args.size() - next;
    if (dimensions > 0) {
        coordinates = fresh("coordinates");
        slot("int32_t " + coordinates + "[" + std::to_string(dimensions * lanes) + "];");
        // Of vectors: all lanes of one dimension, then those of the next.
        for (size_t d = 0; d < dimensions; d++) {
            for (size_t i = 0; i < lanes; i++) {
                line(coordinates + "[" + std::to_string(d * lanes + i) + "] = static_cast<int32_t>(heddle_c::lane(" +
                     args[next + d].text + ", " + std::to_string(i) + "));");
            }
        }
    }
    const std::string alias = call_alias("halide_trace_helper", number,
                                         {handle, handle, handle, handle, number, number, number, number, number, number, number, handle});
    const auto text = [](auto n) { return std::to_string(n); };
    return define(c.type, alias + "(user_context, " + args[0].text + ", " + traced + ", " + coordinates + ", " + text(int{t.code()}) + ", " +
                              text(t.bits()) + ", " + text(lanes) + ", " + args[1].text + ", " + args[2].text + ", " + args[3].text + ", " +
                              text(dimensions * lanes) + ", " + tag + ")");
}

std::string HostPrinter::prefetch(const Call &c) {
    const Load *l = c.args[0].as<Load>();
    HEDDLE_ASSERT(l, "prefetch of something not a Load");
    const Ramp *r = l->index.as<Ramp>();
    const std::string address = dialect_.element_address(lookup(l->buffer).name, l->type.element_of(), value(r ? r->base : l->index));
    return define(c.type, "heddle_c::prefetch(" + address + ", " + std::to_string(l->type.bytes()) + shape_arguments(c, 1) + ")");
}

}  // namespace heddle::Internal
