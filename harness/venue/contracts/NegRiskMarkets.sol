// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Binary} from "./ConditionalTokens.sol";

/// Events of several questions of which one at most comes true, and their ids: a market's id ends with a byte of zero,
/// which its questions count up. Whoever prepares a market is its oracle.
abstract contract NegRiskMarkets is Binary {
    struct Data {
        address oracle;
        uint256 questionCount;
        uint256 feeBips;
        bool determined;
        uint256 result;
    }

    event MarketPrepared(bytes32 indexed marketId, address indexed oracle, uint256 feeBips, bytes data);
    event QuestionPrepared(bytes32 indexed marketId, bytes32 indexed questionId, uint256 index, bytes data);
    event OutcomeReported(bytes32 indexed marketId, bytes32 indexed questionId, bool outcome);

    error FeeBipsOutOfBounds();
    error IndexOutOfBounds();
    error MarketAlreadyDetermined();
    error MarketAlreadyPrepared();
    error MarketNotPrepared();
    error OnlyOracle();

    uint256 internal constant FEE_WHOLE = 10_000;

    mapping(bytes32 => Data) private _markets;

    function getOracle(bytes32 marketId) external view returns (address) {
        return _markets[marketId].oracle;
    }

    function getQuestionCount(bytes32 marketId) public view returns (uint256) {
        return _markets[marketId].questionCount;
    }

    function getFeeBips(bytes32 marketId) public view returns (uint256) {
        return _markets[marketId].feeBips;
    }

    function getDetermined(bytes32 marketId) external view returns (bool) {
        return _markets[marketId].determined;
    }

    /// The index of the question that came true; only where the market is determined.
    function getResult(bytes32 marketId) external view returns (uint256) {
        return _markets[marketId].result;
    }

    function getConditionId(bytes32 questionId) public view returns (bytes32) {
        return TOKENS.getConditionId(address(this), questionId, 2);
    }

    function prepareMarket(uint256 feeBips, bytes calldata metadata) external returns (bytes32 marketId) {
        if (feeBips > FEE_WHOLE) revert FeeBipsOutOfBounds();
        marketId = keccak256(abi.encode(msg.sender, feeBips, metadata)) & ~bytes32(uint256(0xff));
        Data storage market = _markets[marketId];
        if (market.oracle != address(0)) revert MarketAlreadyPrepared();
        market.oracle = msg.sender;
        market.feeBips = feeBips;
        emit MarketPrepared(marketId, msg.sender, feeBips, metadata);
    }

    function prepareQuestion(bytes32 marketId, bytes calldata metadata) external returns (bytes32 questionId) {
        Data storage market = _ofOracle(marketId);
        uint256 index = market.questionCount;
        if (index > 0xff) revert IndexOutOfBounds();
        market.questionCount = index + 1;
        questionId = _question(marketId, index);
        TOKENS.prepareCondition(address(this), questionId, 2);
        emit QuestionPrepared(marketId, questionId, index, metadata);
    }

    /// Answers one question: yes is possible once in a market.
    function reportOutcome(bytes32 questionId, bool outcome) external {
        bytes32 marketId = questionId & ~bytes32(uint256(0xff));
        uint256 index = uint256(questionId) & 0xff;
        Data storage market = _ofOracle(marketId);
        if (index >= market.questionCount) revert IndexOutOfBounds();
        if (outcome) {
            if (market.determined) revert MarketAlreadyDetermined();
            market.determined = true;
            market.result = index;
        }
        TOKENS.reportPayouts(questionId, outcome ? _pair(1, 0) : _pair(0, 1));
        emit OutcomeReported(marketId, questionId, outcome);
    }

    function _ofOracle(bytes32 marketId) private view returns (Data storage market) {
        market = _markets[marketId];
        if (market.oracle == address(0)) revert MarketNotPrepared();
        if (market.oracle != msg.sender) revert OnlyOracle();
    }

    function _question(bytes32 marketId, uint256 index) internal pure returns (bytes32) {
        return bytes32(uint256(marketId) + index);
    }
}
