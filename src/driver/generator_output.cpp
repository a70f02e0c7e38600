// The outputs of generators.

#include "heddle/generator_output.h"

#include "driver/generator_contents.h"
#include "language/function.h"
#include "language/parameter.h"
#include "support/assert.h"

namespace heddle::Internal {

void name_output(Func &f, const std::string &name) {
    Function &function = *f.function();
    function.name = name;
    for (size_t i = 0; i < function.output_parameters.size(); i++) {
        function.output_parameters[i]->name =
            function.output_parameters.size() == 1 ? name : concat(name, ".", i);
    }
}

namespace {

void check_output(const Func &f, const Shape &shape, const std::string &name) {
    if (!f.function() || !f.defined()) {
        refuse_generator(285, concat("output ", name, " is not defined by generate()"), concat(name, "(...) = ..."));
    }
    const Function &function = *f.function();
    const bool types = shape.types.empty() || shape.types == function.types;
    if (types && (shape.dimensions < 0 || shape.dimensions == function.dimensions())) return;
    Shape defined(function.types);
    defined.dimensions = function.dimensions();
    refuse_generator(285, concat("output ", name, " is declared as ", text_of(shape), " and defined as ",
                                 text_of(defined)));
}

}  // namespace

FuncOutput::FuncOutput(const std::string &name, const Shape &shape, Registration registration)
    : Func(std::shared_ptr<Function>()), GeneratorIO(name, shape, registration) {
}

FuncOutput::~FuncOutput() = default;

void FuncOutput::prepare(bool top_level) {
    top_level_ = top_level;
    static_cast<Func &>(*this) = Func(shape_.types, shape_.dimensions, io_name());
    if (top_level) name_output(*this, io_name());
}

FuncOutput &FuncOutput::operator=(const Func &f) {
    check_output(f, shape_, io_name());
    static_cast<Func &>(*this) = f;
    if (top_level_) name_output(*this, io_name());
    return *this;
}

void FuncOutput::add_outputs(std::vector<Func> &list) const {
    check_output(*this, shape_, io_name());
    list.push_back(*this);
}

std::string FuncOutput::stub_type() const {
    return "Func";
}

BufferOutput::~BufferOutput() = default;

BufferOutput &BufferOutput::operator=(const Func &f) {
    FuncOutput::operator=(f);
    return *this;
}

BufferOutput &BufferOutput::operator=(const StubOutput &stub) {
    return *this = stub.func();
}

std::string BufferOutput::stub_type() const {
    if (shape().types.size() != 1) return "Halide::Internal::StubOutputBuffer<>";
    return concat("Halide::Internal::StubOutputBuffer<", type_to_c_type(shape().types[0], false), ">");
}

BufferOutput::operator OutputImageParam() const {
    return output_buffer();
}

Dimension BufferOutput::dim(int i) const {
    return output_buffer().dim(i);
}

int BufferOutput::host_alignment() const {
    return output_buffer().host_alignment();
}

BufferOutput &BufferOutput::set_host_alignment(int bytes) {
    output_buffer().set_host_alignment(bytes);
    return *this;
}

BufferOutput &BufferOutput::set_estimates(const Region &estimates) {
    output_buffer().set_estimates(estimates);
    return *this;
}

Expr BufferOutput::left() const {
    return output_buffer().left();
}

Expr BufferOutput::right() const {
    return output_buffer().right();
}

Expr BufferOutput::top() const {
    return output_buffer().top();
}

Expr BufferOutput::bottom() const {
    return output_buffer().bottom();
}

Expr BufferOutput::width() const {
    return output_buffer().width();
}

Expr BufferOutput::height() const {
    return output_buffer().height();
}

Expr BufferOutput::channels() const {
    return output_buffer().channels();
}

}  // namespace heddle::Internal
