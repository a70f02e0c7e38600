// The product of two single-precision matrices: output(x, y) = Σk a(k, y) · b(x, k). Each operand is read through a
// stage of its own (a_tile, b_tile), so that a schedule can copy the part in use into a dense block.
#include <heddle/heddle.h>

using namespace heddle;

class Matmul : public Generator<Matmul> {
public:
    Input<Buffer<float, 2>> a{"a"};  // (k, y)
    Input<Buffer<float, 2>> b{"b"};  // (x, k)
    Output<Buffer<float, 2>> output{"output"};

    void generate() {
        Var x("x"), y("y"), k("k");
        RDom r(0, a.width(), "r");
        Func a_tile("a_tile"), b_tile("b_tile"), product("product");
        a_tile(k, y) = a(k, y);
        b_tile(x, k) = b(x, k);
        product(x, y) = 0.0f;
        product(x, y) += a_tile(r, y) * b_tile(x, r);
        output(x, y) = product(x, y);
    }
};
HEDDLE_REGISTER_GENERATOR(Matmul, matmul)
