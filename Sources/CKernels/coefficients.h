// Written by coefficients.py. Lowest coefficient first.

static const float log2_e_f32 = 0x1.715476p+0f;
// log 2 in two parts; the first times any exponent is exact.
static const float log_2_high_f32 = 0x1.62e4p-1f;
static const float log_2_low_f32 = 0x1.7f7d1cp-20f;
// exp(r) - 1 = r + r^2 p(r) for |r| <= log(2) / 2.
// Error below 2^-29.0 of the result.
static const float exp_rest_f32[6] = {
    0x1p-1f, 0x1.555556p-3f, 0x1.5554e8p-5f, 0x1.1110ep-7f, 0x1.6d43bp-10f, 0x1.a1256cp-13f,
};
// log(1 + f) = f - f^2 / 2 + f^3 p(f) for sqrt(1/2) <= 1 + f <= sqrt(2).
// Error below 2^-28.1 of the result.
static const float log_rest_f32[9] = {
    0x1.555554p-2f, -0x1.fffffcp-3f, 0x1.999d5cp-3f, -0x1.555b5p-3f, 0x1.23d1d6p-3f,
    -0x1.fcf30ep-4f, 0x1.dea656p-4f, -0x1.d6453cp-4f, 0x1.1d9828p-4f,
};
// tanh(x) = x + x^3 p(x^2) for x^2 <= 0.42.
// Error below 2^-27.4 of the result.
static const float tanh_rest_f32[6] = {
    -0x1.555556p-2f, 0x1.1110dap-3f, -0x1.ba033p-5f, 0x1.6451fep-6f, -0x1.0f4232p-7f,
    0x1.2318a2p-9f,
};
// The slope of erf at 0 in two parts.
static const float erf_slope_f32 = 0x1.20dd76p+0f;
static const float erf_slope_low_f32 = -0x1.f7ac92p-25f;
// erf(x) = 2 x / sqrt(pi) + x^3 p(x^2) for x^2 <= 0.9.
// Error below 2^-26.4 of the result.
static const float erf_rest_f32[7] = {
    -0x1.812746p-2f, 0x1.ce2f2p-4f, -0x1.b82c5p-6f, 0x1.564c46p-8f, -0x1.be9ca2p-11f,
    0x1.e494b2p-14f, -0x1.63d6f2p-17f,
};
// The scaled tail's shift, and how far the tail goes before it underflows.
static const float tail_shift_f32 = 0x1.bp+1f;
static const float tail_end_f32 = 0x1.d8p+3f;
// exp(t^2 / 2) (1 - normal CDF(t)) (t + shift) = p((t - shift) / (t + shift)).
// Error below 2^-27.1 of the result.
static const float tail_f32[10] = {
    0x1.7b6eep-1f, -0x1.1b21ccp-1f, 0x1.2e7702p-2f, -0x1.92fb72p-4f, 0x1.1dbc7ap-7f, 0x1.006734p-7f,
    -0x1.27764ap-9f, -0x1.bdef38p-11f, 0x1.48497cp-12f, 0x1.1ff28p-13f,
};
static const float normal_density_at_0_f32 = 0x1.988454p-2f;

static const double log2_e_f64 = 0x1.71547652b82fep+0;
// log 2 in two parts; the first times any exponent is exact.
static const double log_2_high_f64 = 0x1.62e42fefa4p-1;
static const double log_2_low_f64 = -0x1.8432a1b0e2634p-43;
// exp(r) - 1 = r + r^2 p(r) for |r| <= log(2) / 2.
// Error below 2^-60.1 of the result.
static const double exp_rest_f64[11] = {
    0x1p-1, 0x1.5555555555557p-3, 0x1.5555555555556p-5, 0x1.11111111100bep-7, 0x1.6c16c16c162c3p-10,
    0x1.a01a01abf85abp-13, 0x1.a01a01a6e1e2ap-16, 0x1.71de01fdbf9cap-19, 0x1.27e4db46cddd1p-22,
    0x1.af4e554377204p-26, 0x1.1f7340dbc337ep-29,
};
// log(1 + f) = f - f^2 / 2 + f^3 p(f) for sqrt(1/2) <= 1 + f <= sqrt(2).
// Error below 2^-56.9 of the result.
static const double log_rest_f64[20] = {
    0x1.5555555555556p-2, -0x1.fffffffffffe7p-3, 0x1.9999999999002p-3, -0x1.555555555807dp-3,
    0x1.2492492538413p-3, -0x1.fffffffe04e21p-4, 0x1.c71c713c346f9p-4, -0x1.99999995ff778p-4,
    0x1.745d3453a4d1bp-4, -0x1.555575110b6a7p-4, 0x1.3b1055018b218p-4, -0x1.248bb32888d7fp-4,
    0x1.1148f233622a1p-4, -0x1.009e1cf08ada5p-4, 0x1.de2a58a0ff2ffp-5, -0x1.b7bd59da559e1p-5,
    0x1.b80b93f6bb006p-5, -0x1.f637bfaaf7e27p-5, 0x1.d056bc9c5839ap-5, -0x1.9abb66ea296f1p-6,
};
// tanh(x) = x + x^3 p(x^2) for x^2 <= 0.42.
// Error below 2^-56.6 of the result.
static const double tanh_rest_f64[13] = {
    -0x1.5555555555555p-2, 0x1.1111111111107p-3, -0x1.ba1ba1ba1a507p-5, 0x1.664f48823663cp-6,
    -0x1.226e3540bb1d3p-7, 0x1.d6d3c94ac40fbp-9, -0x1.7da2c467110cdp-10, 0x1.354f467d46feap-11,
    -0x1.f4cfd5f7e3ad2p-13, 0x1.91e079e8da817p-14, -0x1.33d06adb22b67p-15, 0x1.8cf7af3f37eeep-17,
    -0x1.3183277156967p-19,
};
// The slope of erf at 0 in two parts.
static const double erf_slope_f64 = 0x1.20dd750429b6dp+0;
static const double erf_slope_low_f64 = 0x1.1ae3a914fed8p-56;
// erf(x) = 2 x / sqrt(pi) + x^3 p(x^2) for x^2 <= 0.9.
// Error below 2^-56.6 of the result.
static const double erf_rest_f64[13] = {
    -0x1.812746b0379e7p-2, 0x1.ce2f21a042be2p-4, -0x1.b82ce31288b41p-6, 0x1.565bcd0e69f2cp-8,
    -0x1.c02db4001a0e7p-11, 0x1.f9a326f08f9abp-14, -0x1.f4d25ad910138p-17, 0x1.b9e6a56457e6cp-20,
    -0x1.5f71a07d8555ep-23, 0x1.fc86405fb7f48p-27, -0x1.4fc40ca103736p-30, 0x1.879cd569342a8p-34,
    -0x1.412c8d9757bdfp-38,
};
// The scaled tail's shift, and how far the tail goes before it underflows.
static const double tail_shift_f64 = 0x1.7cp+2;
static const double tail_end_f64 = 0x1.36p+5;
// exp(t^2 / 2) (1 - normal CDF(t)) (t + shift) = p((t - shift) / (t + shift)).
// Error below 2^-55.0 of the result.
static const double tail_f64[23] = {
    0x1.8dcc2f42127b6p-1, -0x1.65ff29b2dc3f3p-1, 0x1.21584e55fc055p-1, -0x1.a231b72023e49p-2,
    0x1.0c3020581bb56p-2, -0x1.2d9579c1fad73p-3, 0x1.23817fcc4742bp-4, -0x1.d3a4dcadd0e39p-6,
    0x1.2122c2303789p-7, -0x1.b77eedd1f1374p-10, -0x1.42dfd43cf44b7p-14, 0x1.7f2e1b57a4bf6p-13,
    -0x1.bba1decb0b3a4p-15, -0x1.cb7679b2c4a45p-19, 0x1.c78427f5adac7p-18, -0x1.45c16fc8218abp-20,
    -0x1.36c89eaac488cp-21, 0x1.191d5c5d6ffa8p-22, 0x1.544c8db7a18cp-25, -0x1.5f7c01733bdc8p-25,
    -0x1.20d4496725cbcp-28, 0x1.50576ed4bdb2dp-28, 0x1.332b4627b3414p-30,
};
static const double normal_density_at_0_f64 = 0x1.9884533d43651p-2;
