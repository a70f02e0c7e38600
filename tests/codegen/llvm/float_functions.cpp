// The functions of one float argument against the C library in wider types: the bounds of docs/math.md. HEDDLE_EVERY_FLOAT=1
// (./x nightly) looks at each float32 there is, about two minutes a function, and prints the worst.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <regex>

#include "elementwise.h"
#include "ulps.h"

using namespace heddle;
using namespace heddle::Internal;

namespace {

struct Function {
    CallOp op;
    double (*exact)(double);
    long double (*exact_long)(long double);
};

// Call operators by their own names, so that a row of the document names one.
#define HEDDLE_FUNCTION(name, exact) {#name, {CallOp::name, [](double x) -> double { return exact; }, [](long double x) -> long double { return exact; }}}
const std::map<std::string, Function> functions = {
    HEDDLE_FUNCTION(abs, std::fabs(x)),
    HEDDLE_FUNCTION(floor, std::floor(x)),
    HEDDLE_FUNCTION(ceil, std::ceil(x)),
    HEDDLE_FUNCTION(trunc, std::trunc(x)),
    HEDDLE_FUNCTION(round, std::nearbyint(x)),
    HEDDLE_FUNCTION(sqrt, std::sqrt(x)),
    HEDDLE_FUNCTION(fast_inverse, 1 / x),
    HEDDLE_FUNCTION(fast_inverse_sqrt, 1 / std::sqrt(x)),
    HEDDLE_FUNCTION(exp, std::exp(x)),
    HEDDLE_FUNCTION(fast_exp, std::exp(x)),
    HEDDLE_FUNCTION(log, std::log(x)),
    HEDDLE_FUNCTION(fast_log, std::log(x)),
    HEDDLE_FUNCTION(sin, std::sin(x)),
    HEDDLE_FUNCTION(fast_sin, std::sin(x)),
    HEDDLE_FUNCTION(cos, std::cos(x)),
    HEDDLE_FUNCTION(fast_cos, std::cos(x)),
    HEDDLE_FUNCTION(tan, std::tan(x)),
    HEDDLE_FUNCTION(asin, std::asin(x)),
    HEDDLE_FUNCTION(acos, std::acos(x)),
    HEDDLE_FUNCTION(atan, std::atan(x)),
    HEDDLE_FUNCTION(sinh, std::sinh(x)),
    HEDDLE_FUNCTION(cosh, std::cosh(x)),
    HEDDLE_FUNCTION(tanh, std::tanh(x)),
    HEDDLE_FUNCTION(asinh, std::asinh(x)),
    HEDDLE_FUNCTION(acosh, std::acosh(x)),
    HEDDLE_FUNCTION(atanh, std::atanh(x)),
    HEDDLE_FUNCTION(erf, std::erf(x)),
};
#undef HEDDLE_FUNCTION

struct Bounds {
    double float32 = -1, float64 = -1;  // negative: none is stated
};

// The rows of the table in docs/math.md: | `name`, `name` | float32 | float64 | …
std::map<std::string, Bounds> documented() {
    std::map<std::string, Bounds> out;
    std::ifstream file(std::filesystem::path(HEDDLE_SOURCE_DIR) / "docs/math.md");
    const std::regex row(R"(\| (`[^|]*) \| ([0-9.]+) \| ([0-9.]*) *\|.*)"), name("`([a-z_]+)`");
    for (std::string line; std::getline(file, line);) {
        std::smatch cells;
        if (!std::regex_match(line, cells, row)) continue;
        const Bounds bounds{std::stod(cells[2]), cells[3].length() ? std::stod(cells[3]) : -1};
        const std::string names = cells[1];
        for (std::sregex_iterator i(names.begin(), names.end(), name), end; i != end; ++i) out[(*i)[1]] = bounds;
    }
    return out;
}

const std::vector<float> &edges() {
    static const std::vector<float> values = [] {
        using Limits = std::numeric_limits<float>;
        std::vector<float> out = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, 2.0f, 88.72283f, 88.7229f, -87.33655f, -103.97f, -104.5f, 1e-40f, 0.625f, 3.1415927f, 1.5707964f, 710.0f,
                                  0x1p20f, -0x1p20f, 0x1.000002p20f, 0x1p-126f, 0x1.fffffep-127f, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::max(), Limits::lowest(),
                                  Limits::denorm_min(), -Limits::denorm_min()};
        for (int i = -400; i <= 400; i++) out.push_back(static_cast<float>(i) * 0.25f);
        return out;
    }();
    return values;
}

class FloatFunctions : public ::testing::TestWithParam<std::string> {};
/** Those that are ours in float64, too: the document has a bound. */
class FloatFunctions64 : public ::testing::TestWithParam<std::string> {};

}  // namespace

TEST(FloatFunctionsTable, HasARowForEachFunction) {
    const auto bounds = documented();
    for (const auto &[name, function] : functions) EXPECT_TRUE(bounds.contains(name)) << name << " is missing in docs/math.md";
}

// For this machine and for the least of its architecture (which has no fused multiply-add); as vectors of 8 and, when not
// each float is looked at, as scalars.
TEST_P(FloatFunctions, Float32) {
    constexpr size_t chunk = size_t{1} << 16;
    const Function &f = functions.at(GetParam());
    const double bound = documented().at(GetParam()).float32;
    const bool every = std::getenv("HEDDLE_EVERY_FLOAT") != nullptr;
    const uint64_t stride = every ? 1 : 8191;

    const Target host = get_host_target(), least(host.os, host.arch, host.bits);
    std::vector<Elementwise> vectors, scalars;
    for (const Target &t : {host, least}) {
        vectors.emplace_back(f.op, Float(32), 1, chunk, 8, t);
        scalars.emplace_back(f.op, Float(32), 1, chunk, 1, t);
    }
    std::vector<float> x(chunk), y(chunk), one_by_one(chunk);
    std::vector<double> exact(chunk);
    double worst = 0;
    float at = 0, gave = 0;
    auto check = [&] {
        for (size_t i = 0; i < chunk; i++) exact[i] = f.exact(static_cast<double>(x[i]));
        for (size_t k = 0; k < vectors.size(); k++) {
            ASSERT_EQ(vectors[k].run({x.data(), y.data()}), 0);
            if (!every) {
                ASSERT_EQ(scalars[k].run({x.data(), one_by_one.data()}), 0);
                for (size_t i = 0; i < chunk; i++) {
                    ASSERT_TRUE(same_float(y[i], one_by_one[i])) << GetParam() << "(" << x[i] << ") as vector " << y[i] << " as scalar " << one_by_one[i];
                }
            }
            for (size_t i = 0; i < chunk; i++) {
                if (y[i] == static_cast<float>(exact[i])) continue;  // correctly rounded: 0.5 at most
                const double error = error_in_ulps(y[i], exact[i]);
                if (error <= worst) continue;
                worst = error;
                at = x[i];
                gave = y[i];
            }
        }
    };
    for (uint64_t from = 0; from < uint64_t{1} << 32; from += chunk * stride) {
        for (size_t i = 0; i < chunk; i++) x[i] = std::bit_cast<float>(static_cast<uint32_t>(from + i * stride));
        ASSERT_NO_FATAL_FAILURE(check());
    }
    std::fill(x.begin(), x.end(), 1.0f);
    std::copy(edges().begin(), edges().end(), x.begin());
    ASSERT_NO_FATAL_FAILURE(check());
    EXPECT_LE(worst, bound) << GetParam() << "(" << at << ") gave " << gave << ", exact " << f.exact(static_cast<double>(at));
    if (every && worst == 0) std::cout << GetParam() << ": correctly rounded\n";
    if (every && worst > 0) std::cout << GetParam() << ": " << worst << " ulp at " << std::hexfloat << at << std::defaultfloat << "\n";
}

TEST_P(FloatFunctions64, KeepTheirBounds) {
    const double bound = documented().at(GetParam()).float64;
    const Function &f = functions.at(GetParam());
    using Limits = std::numeric_limits<double>;
    std::vector<double> x = {0.0, -0.0, 1.0, -1.0, 709.78, 709.79, -745.0, -746.5, 5e-324, 1e-310, 0.70710678, 1.41421357, 1e300, 1e22,
                             Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::max()};
    for (int i = -200; i <= 200; i++) x.push_back(i * 1.5707963267948966);
    std::mt19937_64 random(3);
    for (int i = 0; i < 100000; i++) {
        x.push_back(std::bit_cast<double>(random()));
        x.push_back(static_cast<double>(static_cast<int64_t>(random() % 2000001) - 1000000) * 1.00003e-4);
    }
    while (x.size() % 4) x.push_back(1);
    std::vector<double> y(x.size());
    ASSERT_EQ(Elementwise(f.op, Float(64), 1, x.size(), 4).run({x.data(), y.data()}), 0);
    for (size_t i = 0; i < x.size(); i++) {
        const long double exact = f.exact_long(static_cast<long double>(x[i]));
        ASSERT_LE(error_in_ulps(y[i], exact), bound) << GetParam() << "(" << x[i] << ") gave " << y[i] << ", exact " << exact;
    }
}

std::vector<std::string> names_where(bool float64) {
    const auto bounds = documented();
    std::vector<std::string> names;
    for (const auto &[name, function] : functions) {
        if (const auto row = bounds.find(name); row != bounds.end() && (!float64 || row->second.float64 >= 0)) names.push_back(name);
    }
    return names;
}
INSTANTIATE_TEST_SUITE_P(, FloatFunctions, ::testing::ValuesIn(names_where(false)), [](const auto &chosen) { return chosen.param; });
INSTANTIATE_TEST_SUITE_P(, FloatFunctions64, ::testing::ValuesIn(names_where(true)), [](const auto &chosen) { return chosen.param; });
