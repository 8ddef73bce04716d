"""WeChat's HTTP API: the same paths, answers and refusals as api.weixin.qq.com, as far as its documents tell."""
