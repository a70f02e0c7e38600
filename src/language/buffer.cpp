#include "heddle/buffer.h"

#include "language/define.h"
#include "language/implicit.h"
#include "language/parameter.h"

namespace heddle {

namespace Internal {

BufferContents::BufferContents(Runtime::Buffer<void, AnyDims, 4> b, const std::string &n)
    : buffer(std::move(b)), name(n.empty() ? unique_name("b") : n) {
}

void undefined_buffer(const char *method) {
    refuse(230, "", {}, concat("Buffer::", method, " is called on an undefined Buffer"));
}

void buffer_conversion_error(const std::string &name, halide_type_t from, int from_dims, halide_type_t to,
                             bool any_type, int to_dims) {
    refuse(231, name, {},
           concat("Buffer ", name, " of type ", to_string(Type(from)), " with ", from_dims,
                  " dimension(s) is no Buffer", any_type ? std::string() : " of type " + to_string(Type(to)),
                  to_dims < 0 ? std::string() : concat(" with ", to_dims, " dimension(s)")));
}

Expr buffer_access(const Buffer<> &b, const std::vector<Expr> &args) {
    if (!b.contents_) undefined_buffer("operator()");
    BufferContents &contents = *b.contents_;
    std::shared_ptr<const Declaration> declaration = contents.parameter.lock();
    std::shared_ptr<const Parameter> parameter = std::dynamic_pointer_cast<const Parameter>(declaration);
    if (!parameter || parameter->dimensions != b.dimensions()) {
        auto made = Parameter::create(b.type(), true, b.dimensions(), contents.name);
        made->buffer = b;
        made->bound_from_start = true;
        // A stride of 1 is counted on, as of any input; another one is read from the Buffer at each run.
        if (made->dimensions > 0 && b.dim(0).stride() != 1) made->constraints[0].stride = Expr();
        parameter = made;
        contents.parameter = parameter;
    }
    const size_t dims = static_cast<size_t>(parameter->dimensions);
    const ExprList full = expand_placeholder("Buffer", contents.name, args, dims, {});
    return Access::make(b.type(), parameter->symbol, checked_call_args("Buffer", contents.name, dims, full, {}), 0,
                        parameter);
}

}  // namespace Internal

Realization::Realization(std::vector<Buffer<>> buffers)
    : buffers_(std::move(buffers)) {
    if (buffers_.empty()) Internal::refuse(232, "", {}, "a Realization of no Buffers");
    for (const Buffer<> &b : buffers_) {
        if (!b.defined()) Internal::refuse(230, "", {}, "a Realization of an undefined Buffer");
    }
}

const Buffer<> &Realization::operator[](size_t i) const {
    if (i >= buffers_.size()) {
        Internal::refuse(232, "", {}, Internal::concat("a Realization of ", buffers_.size(), " Buffers has none at ", i));
    }
    return buffers_[i];
}

Buffer<> &Realization::operator[](size_t i) {
    return const_cast<Buffer<> &>(static_cast<const Realization &>(*this)[i]);
}

const Buffer<> &Realization::single() const {
    if (buffers_.size() != 1) {
        Internal::refuse(232, "", {},
                         Internal::concat("a Realization of ", buffers_.size(), " Buffers does not become one Buffer"),
                         "pick one with [i]");
    }
    return buffers_[0];
}

int Realization::device_sync(void *context) {
    for (Buffer<> &b : buffers_) {
        if (const int status = b.device_sync(context)) return status;
    }
    return 0;
}

}  // namespace heddle
