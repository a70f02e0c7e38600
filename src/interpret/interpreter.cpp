#include "interpret/interpreter.h"

#include "interpret/interpreter_state.h"

namespace heddle::Internal {

int Interpreter::run(const Stmt &body) {
    try {
        execute(body);
    } catch (const Return &r) {
        return r.code;
    }
    return 0;
}

int interpret(const LoweredFunction &function, const std::vector<ArgValue> &args, const InterpretOptions &options) {
    HEDDLE_ASSERT(args.size() == function.args.size(), function.name, " takes ", function.args.size(), " arguments");
    InterpretOptions own = options;
    std::vector<std::pair<Symbol, ArgValue>> bindings;
    for (size_t i = 0; i < args.size(); i++) {
        const Argument &argument = function.args[i].argument;
        ArgValue arg = args[i];
        arg.is_output = argument.is_output();
        if (argument.is_buffer()) {
            HEDDLE_ASSERT(arg.buffer || arg.bits == 0, argument.name, " is a buffer");
        } else {
            HEDDLE_ASSERT(arg.type == argument.type, argument.name, " is a ", to_string(argument.type));
        }
        if (argument.name == "__user_context") own.user_context = reinterpret_cast<void *>(arg.bits);
        bindings.emplace_back(function.args[i].symbol, arg);
    }
    return interpret(function.body, bindings, own);
}

int interpret(const Stmt &body, const std::vector<std::pair<Symbol, ArgValue>> &bindings,
              const InterpretOptions &options) {
    Interpreter interpreter(options);
    for (const auto &[symbol, arg] : bindings) interpreter.bind(symbol, arg);
    return interpreter.run(body);
}

std::vector<uint64_t> interpret(const Expr &e, const std::vector<std::pair<Symbol, ArgValue>> &bindings) {
    const InterpretOptions options;
    Interpreter interpreter(options);
    for (const auto &[symbol, arg] : bindings) interpreter.bind(symbol, arg);
    const Value v = interpreter.evaluate(e);
    std::vector<uint64_t> bits;
    for (int i = 0; i < v.lanes(); i++) {
        if (!v[i].defined()) throw InternalError(concat("lane ", i, " has no defined value: ", e));
        bits.push_back(v[i].bits);
    }
    return bits;
}

}  // namespace heddle::Internal
